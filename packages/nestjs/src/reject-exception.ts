import { RpcException } from '@nestjs/microservices';

/** What Nest's filters pass on of a {@link RejectException}. */
export class Rejection {
  readonly status = 'error';
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Throw it in a handler of events to put the message into the dead letters at once. */
export class RejectException extends RpcException {
  constructor(message: string) {
    super(new Rejection(message));
  }
}

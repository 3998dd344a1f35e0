/** States as data: which may follow which. Moves are made in the database by compare-and-set. */

export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

export class StateMachine<State extends string> {
  readonly states: readonly State[];
  readonly #transitions: ReadonlyMap<State, readonly State[]>;

  constructor(states: readonly State[], transitions: Transitions<State>) {
    this.states = states;
    this.#transitions = new Map(states.map((state) => [state, transitions[state]]));
  }

  allows(from: State, to: State): boolean {
    return this.#transitions.get(from)?.includes(to) ?? false;
  }

  /** All states from which one may get to the given one in one move. */
  before(to: State): readonly State[] {
    return this.states.filter((from) => this.allows(from, to));
  }

  isFinal(state: State): boolean {
    return (this.#transitions.get(state) ?? []).length === 0;
  }
}

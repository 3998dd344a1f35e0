/** Tables that every service has: what it consumed, what it has yet to send, what it decided. */
export const BASE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE skylark_consumed (
    message_key VARCHAR(255) NOT NULL PRIMARY KEY,
    token VARCHAR(64),
    expires_at BIGINT NOT NULL
  );
  CREATE TABLE outbox (
    id BIGSERIAL PRIMARY KEY,
    topic TEXT NOT NULL,
    tag TEXT NOT NULL,
    order_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    properties TEXT NOT NULL,
    deliver_at_ms BIGINT,
    created_ms BIGINT NOT NULL
  );
  CREATE TABLE outbox_lease (
    id INT PRIMARY KEY,
    owner TEXT NOT NULL,
    until_ms BIGINT NOT NULL
  );
  INSERT INTO outbox_lease (id, owner, until_ms) VALUES (1, '', 0);
  CREATE TABLE transaction_log (
    id TEXT PRIMARY KEY,
    outcome TEXT NOT NULL,
    created_ms BIGINT NOT NULL
  );
  `,
];

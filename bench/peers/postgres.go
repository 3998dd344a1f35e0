package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresPeer is the queue that people build first: a table, an insert per message, and
// SELECT ... FOR UPDATE SKIP LOCKED with a DELETE to consume.
type postgresPeer struct{ pool *pgxpool.Pool }

const insert = "INSERT INTO bench_queue (topic, body) VALUES ('bench', $1)"

const consume = `DELETE FROM bench_queue WHERE id IN
  (SELECT id FROM bench_queue ORDER BY id LIMIT 32 FOR UPDATE SKIP LOCKED) RETURNING id, body`

func (p *postgresPeer) open(ctx context.Context) (err error) {
	if p.pool, err = pgxpool.New(ctx, *addr); err != nil {
		return err
	}
	_, err = p.pool.Exec(ctx, `DROP TABLE IF EXISTS bench_queue;
CREATE TABLE bench_queue (id bigserial PRIMARY KEY, topic text NOT NULL, body bytea NOT NULL,
  created timestamptz NOT NULL DEFAULT now())`)
	return err
}

func (p *postgresPeer) send(ctx context.Context, payload []byte) error {
	_, err := p.pool.Exec(ctx, insert, payload)
	return err
}

// window sends w inserts in one network round, each its own transaction only in so far as the
// pipeline allows it: a batch is one implicit transaction, the kindest reading for the table.
func (p *postgresPeer) window(ctx context.Context, payload []byte, w int, done func(time.Duration)) error {
	for ctx.Err() == nil {
		start := time.Now()
		if err := p.batch(payload, w); err != nil {
			return err
		}
		took := time.Since(start)
		for range w {
			done(took)
		}
	}
	return nil
}

func (p *postgresPeer) batch(payload []byte, n int) error {
	batch := &pgx.Batch{}
	for range n {
		batch.Queue(insert, payload)
	}
	return p.pool.SendBatch(context.Background(), batch).Close()
}

func (p *postgresPeer) fill(ctx context.Context, payload []byte, n int) error {
	if _, err := p.pool.Exec(ctx, "TRUNCATE bench_queue"); err != nil {
		return err
	}
	for at := 0; at < n; at += 500 {
		if err := p.batch(payload, min(500, n-at)); err != nil {
			return err
		}
	}
	return nil
}

func (p *postgresPeer) drain(ctx context.Context, n int) error {
	for got := 0; got < n; {
		rows, err := p.pool.Query(ctx, consume)
		if err != nil {
			return err
		}
		for rows.Next() {
			got++
		}
		if rows.Close(); rows.Err() != nil {
			return rows.Err()
		}
	}
	return nil
}

func (p *postgresPeer) close() { p.pool.Close() }

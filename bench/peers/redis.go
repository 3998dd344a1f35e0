package main

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

type redisPeer struct{ client *redis.Client }

func (p *redisPeer) open(ctx context.Context) error {
	p.client = redis.NewClient(&redis.Options{Addr: *addr})
	return p.client.Del(ctx, "bench").Err()
}

func (p *redisPeer) add(payload []byte) *redis.XAddArgs {
	return &redis.XAddArgs{Stream: "bench", MaxLen: 200000, Approx: true, Values: []any{"body", payload}}
}

func (p *redisPeer) send(ctx context.Context, payload []byte) error {
	return p.client.XAdd(ctx, p.add(payload)).Err()
}

// window sends w commands in one pipeline and waits for the w answers, again and again: that is
// how Redis clients keep many in flight.
func (p *redisPeer) window(ctx context.Context, payload []byte, w int, done func(time.Duration)) error {
	for ctx.Err() == nil {
		start := time.Now()
		pipe := p.client.Pipeline()
		for range w {
			pipe.XAdd(context.Background(), p.add(payload))
		}
		if _, err := pipe.Exec(context.Background()); err != nil {
			return err
		}
		took := time.Since(start)
		for range w {
			done(took)
		}
	}
	return nil
}

func (p *redisPeer) fill(ctx context.Context, payload []byte, n int) error {
	if err := p.client.Del(ctx, "bench").Err(); err != nil {
		return err
	}
	for at := 0; at < n; at += 500 {
		pipe := p.client.Pipeline()
		for range min(500, n-at) {
			pipe.XAdd(ctx, &redis.XAddArgs{Stream: "bench", Values: []any{"body", payload}})
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
	}
	return p.client.XGroupCreate(ctx, "bench", "group", "0").Err()
}

func (p *redisPeer) drain(ctx context.Context, n int) error {
	for got := 0; got < n; {
		streams, err := p.client.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: "group", Consumer: "one", Streams: []string{"bench", ">"}, Count: 32,
		}).Result()
		if err != nil {
			return err
		}
		ids := make([]string, 0, 32)
		for _, message := range streams[0].Messages {
			ids = append(ids, message.ID)
		}
		if err := p.client.XAck(ctx, "bench", "group", ids...).Err(); err != nil {
			return err
		}
		got += len(ids)
	}
	return nil
}

func (p *redisPeer) close() { p.client.Close() }

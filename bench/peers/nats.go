package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var peers = map[string]func() peer{
	"nats":     func() peer { return &natsPeer{} },
	"redis":    func() peer { return &redisPeer{} },
	"postgres": func() peer { return &postgresPeer{} },
}

type natsPeer struct {
	connection *nats.Conn
	stream     jetstream.JetStream
}

func (p *natsPeer) open(ctx context.Context) (err error) {
	if p.connection, err = nats.Connect(*addr); err != nil {
		return err
	}
	if p.stream, err = jetstream.New(p.connection, jetstream.WithPublishAsyncMaxPending(4096)); err != nil {
		return err
	}
	_, err = p.stream.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "BENCH", Subjects: []string{"bench"}, Storage: jetstream.FileStorage,
	})
	return err
}

func (p *natsPeer) send(ctx context.Context, payload []byte) error {
	_, err := p.stream.Publish(ctx, "bench", payload)
	return err
}

func (p *natsPeer) window(ctx context.Context, payload []byte, w int, done func(time.Duration)) error {
	slots := make(chan struct{}, w)
	for ctx.Err() == nil {
		slots <- struct{}{}
		start := time.Now()
		future, err := p.stream.PublishAsync("bench", payload)
		if err != nil {
			return err
		}
		go func() {
			select {
			case <-future.Ok():
				done(time.Since(start))
			case err := <-future.Err():
				fmt.Println("nats", err)
			}
			<-slots
		}()
	}
	return nil
}

func (p *natsPeer) fill(ctx context.Context, payload []byte, n int) error {
	if s, err := p.stream.Stream(ctx, "BENCH"); err != nil {
		return err
	} else if err = s.Purge(ctx); err != nil {
		return err
	}
	for range n {
		if _, err := p.stream.PublishAsync("bench", payload); err != nil {
			return err
		}
	}
	<-p.stream.PublishAsyncComplete()
	return nil
}

func (p *natsPeer) drain(ctx context.Context, n int) error {
	consumer, err := p.stream.CreateConsumer(ctx, "BENCH", jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 4096,
	})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(1024))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for range n {
		message, err := messages.Next()
		if err != nil {
			return err
		}
		if err := message.Ack(); err != nil {
			return err
		}
	}
	return p.connection.Flush()
}

func (p *natsPeer) close() { p.connection.Close() }

package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

const (
	flood    = 20_000
	inFlight = 256
)

// What arrived, in the order in which it did.
type inbox struct {
	mutex    sync.Mutex
	messages []*primitive.MessageExt
}

func (b *inbox) add(messages ...*primitive.MessageExt) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.messages = append(b.messages, messages...)
}

func (b *inbox) all() []*primitive.MessageExt {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return append([]*primitive.MessageExt{}, b.messages...)
}

func (b *inbox) size() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return len(b.messages)
}

func (b *inbox) listener() listener {
	return func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		b.add(messages...)
		return consumer.ConsumeSuccess, nil
	}
}

// Three members come and go while messages flow: none is lost, and all of them get some.
func pushClustering(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	group := l.unique("G")
	var seen sync.Map
	var count atomic.Int64
	member := func(share *atomic.Int64) rocketmq.PushConsumer {
		return l.pushConsumer(group, topic, "*",
			func(_ context.Context, all ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
				for _, m := range all {
					if _, known := seen.LoadOrStore(string(m.Body), true); !known {
						count.Add(1)
					}
				}
				share.Add(int64(len(all)))
				return consumer.ConsumeSuccess, nil
			})
	}
	var a, b, c, d atomic.Int64
	var joined atomic.Bool
	first := member(&a)
	done := make(chan error, 1)
	go func() { done <- sendFlood(p, topic, &joined) }()
	l.await("a quarter consumed", func() bool { return count.Load() > flood/4 })
	second := member(&b)
	l.await("member b at work", func() bool { return b.Load() > 0 })
	member(&c)
	l.await("member c at work", func() bool { return c.Load() > 0 })
	must(first.Shutdown())
	l.await("half consumed", func() bool { return count.Load() > flood/2 })
	member(&d)
	l.await("member d at work", func() bool { return d.Load() > 0 })
	joined.Store(true)
	must(second.Shutdown())
	must(<-done)
	l.await("all consumed", func() bool { return count.Load() >= flood+1 })
	for i := 0; i < flood; i++ {
		_, found := seen.Load(fmt.Sprintf("m%d", i))
		check(found, "lost: m%d", i)
	}
}

// At a pace that leaves the members time to come and go; slowly when the last is still missing.
func sendFlood(p rocketmq.Producer, topic string, joined *atomic.Bool) error {
	window := make(chan struct{}, inFlight)
	var failed atomic.Value
	for i := 0; i < flood; i++ {
		window <- struct{}{}
		if i%250 == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		if i > flood*3/4 && !joined.Load() {
			time.Sleep(5 * time.Millisecond)
		}
		go func() {
			// An asynchronous send fails when its answer takes over 3 s, and nothing can be set there.
			if _, err := p.SendSync(background, message(topic, fmt.Sprintf("m%d", i))); err != nil {
				failed.Store(err)
			}
			<-window
		}()
	}
	for i := 0; i < inFlight; i++ {
		window <- struct{}{}
	}
	if err := failed.Load(); err != nil {
		return err.(error)
	}
	return nil
}

func pushBroadcasting(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	group := l.unique("G")
	var a, b inbox
	for _, own := range []*inbox{&a, &b} {
		l.pushConsumer(group, topic, "*", own.listener(), consumer.WithConsumerModel(consumer.BroadCasting))
	}
	for i := 0; i < 200; i++ {
		sent(p.SendSync(background, message(topic, fmt.Sprintf("body-%d", i))))
	}
	for _, own := range []*inbox{&a, &b} {
		l.await("all messages at both", func() bool { return own.size() >= 201 })
		equal(201, len(bodies(own.all())), "different messages")
		equal(201, own.size(), "deliveries")
	}
}

// A message that fails holds its queue up, and only that: the rest waits and keeps its order.
func pushOrderly(l *lab) {
	p := l.producer(hashSelector())
	topic := l.topic(p, "T")
	for i := 0; i < 100; i++ {
		order := fmt.Sprintf("order-%d", i%5)
		m := message(topic, fmt.Sprintf("%s:%d", order, i/5)).WithShardingKey(order)
		sent(p.SendSync(background, m))
	}
	var done inbox
	var mutex sync.Mutex
	var attempts []time.Time
	l.pushConsumer(l.unique("G"), topic, "*",
		func(ctx context.Context, all ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			for _, m := range all {
				if string(m.Body) == "order-3:7" {
					mutex.Lock()
					attempts = append(attempts, time.Now())
					count := len(attempts)
					mutex.Unlock()
					if count < 3 {
						settings, _ := primitive.GetOrderlyCtx(ctx)
						settings.SuspendCurrentQueueTimeMillis = 1000
						return consumer.SuspendCurrentQueueAMoment, nil
					}
				}
				done.add(m)
			}
			return consumer.ConsumeSuccess, nil
		}, consumer.WithConsumerOrder(true))
	l.await("all 101 consumed", func() bool { return done.size() >= 101 })
	equal(101, done.size(), "deliveries")
	equal(3, len(attempts), "attempts")
	for i := 1; i < 3; i++ {
		pause := attempts[i].Sub(attempts[i-1])
		check(pause >= 950*time.Millisecond, "retried after %v", pause)
	}
	checkOrders(bodiesInOrder(done.all()), 5)
}

func pushTags(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	var received inbox
	// "Aa" and "BB" have the same hash: the broker cannot tell them apart, the client must.
	l.pushConsumer(l.unique("G"), topic, "TagA || TagB || Aa", received.listener())
	tags := []string{"TagA", "TagB", "TagC", "Aa", "BB"}
	for i := 0; i < 200; i++ {
		m := message(topic, fmt.Sprintf("body-%d", i)).WithTag(tags[i%5])
		sent(p.SendSync(background, m))
	}
	l.await("120 messages of three tags", func() bool { return received.size() >= 120 })
	sent(p.SendSync(background, message(topic, "last").WithTag("TagA")))
	l.await("the last message", func() bool { return received.size() >= 121 })
	equal(121, received.size(), "deliveries")
	for _, m := range received.all() {
		check(m.GetTags() != "TagC" && m.GetTags() != "BB", "delivered with tag %s", m.GetTags())
	}
}

// A group goes on where its last member stopped.
func pushResume(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	group := l.unique("G")
	var received inbox
	for round := 0; round < 2; round++ {
		for i := 0; i < 50; i++ {
			sent(p.SendSync(background, message(topic, fmt.Sprintf("%d:%d", round, i))))
		}
		c := l.pushConsumer(group, topic, "*", received.listener())
		expected := 1 + 50*(round+1)
		l.await("the messages of a round", func() bool { return received.size() >= expected })
		// The client commits every 5 s and when it is shut down, and does not wait for what is
		// just being consumed: that may come again.
		must(c.Shutdown())
	}
	equal(101, len(bodies(received.all())), "different messages")
	check(received.size() <= 101+50, "the second member began anew: %d deliveries", received.size())
}

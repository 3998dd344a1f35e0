package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand"
	"strings"
	"sync"

	"github.com/apache/rocketmq-client-go/v2/admin"
	rmqerrors "github.com/apache/rocketmq-client-go/v2/errors"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

const fourMiB = 4 * 1024 * 1024

var background = context.Background()

func sendSync(l *lab) {
	p := l.producer()
	topic := l.unique("T")
	results := map[string]*primitive.SendResult{}
	for i := 0; i < 100; i++ {
		m := message(topic, fmt.Sprintf("body-%d-äöü€😀", i)).
			WithTag(fmt.Sprintf("Tag%d", i%3)).
			WithKeys([]string{fmt.Sprintf("key-%d", i), "all"})
		m.Flag = int32(i)
		m.WithProperty("colour", fmt.Sprintf("grün %d", i))
		results[string(m.Body)] = sent(p.SendSync(background, m))
	}
	for _, m := range l.drain(topic, 100) {
		body := string(m.Body)
		var i int
		_, err := fmt.Sscanf(body, "body-%d-", &i)
		must(err)
		result := results[body]
		check(result != nil, "read once only: %s", body)
		delete(results, body)
		equal(fmt.Sprintf("Tag%d", i%3), m.GetTags(), "tags")
		equal(fmt.Sprintf("key-%d all", i), strings.TrimSpace(m.GetKeys()), "keys")
		equal(int32(i), m.Flag, "flag")
		equal(fmt.Sprintf("grün %d", i), m.GetProperty("colour"), "user property")
		equal(result.MsgID, m.MsgId, "message id")
		equal(result.OffsetMsgID, m.OffsetMsgId, "offset message id")
		equal(result.QueueOffset, m.QueueOffset, "queue offset")
		equal(result.MessageQueue.QueueId, m.Queue.QueueId, "queue id")
	}
}

func sendAsync(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	const count = 500
	var group sync.WaitGroup
	var mutex sync.Mutex
	ids := map[string]bool{}
	// The client waits 3 s for an answer, and nothing can be set there: what took longer on a slow
	// machine may be stored, or not.
	unknown := map[string]bool{}
	var failed []error
	for i := 0; i < count; i++ {
		group.Add(1)
		body := fmt.Sprintf("body-%d", i)
		must(p.SendAsync(background, func(_ context.Context, r *primitive.SendResult, err error) {
			defer group.Done()
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err == nil:
				ids[r.MsgID] = true
			case errors.Is(err, rmqerrors.ErrRequestTimeout):
				unknown[body] = true
			default:
				failed = append(failed, err)
			}
		}, message(topic, body)))
	}
	group.Wait()
	check(len(failed) == 0, "failed sends: %v", failed)
	for body := range unknown {
		ids[sent(p.SendSync(background, message(topic, body))).MsgID] = true
	}
	check(len(unknown) < count, "no answer came in time")
	for _, m := range l.drainBodies(topic, count+1) {
		if body := string(m.Body); body != "first" {
			check(ids[m.MsgId] || unknown[body], "id of no acknowledged message: %s", m.MsgId)
			delete(ids, m.MsgId)
		}
	}
	equal(0, len(ids), "acknowledged but not read")
}

func sendOneWay(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	for i := 0; i < 200; i++ {
		must(p.SendOneWay(background, message(topic, fmt.Sprintf("body-%d", i))))
	}
	equal(201, len(bodies(l.drain(topic, 201))), "different bodies")
}

func sendBatch(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	var messages []*primitive.Message
	for i := 0; i < 50; i++ {
		m := message(topic, fmt.Sprintf("body-%d", i)).WithTag("A").WithKeys([]string{"k"})
		m.WithProperty("n", fmt.Sprint(i))
		messages = append(messages, m)
	}
	result := sent(p.SendSync(background, messages...))
	equal(50, len(strings.Split(result.OffsetMsgID, ",")), "offset message ids of a batch")
	next := 0
	for _, m := range l.drain(topic, 51) {
		if string(m.Body) == "first" {
			continue
		}
		equal(fmt.Sprintf("body-%d", next), string(m.Body), "body")
		equal(fmt.Sprint(next), m.GetProperty("n"), "user property")
		equal(result.QueueOffset+int64(next), m.QueueOffset, "queue offset")
		equal(result.MessageQueue.QueueId, m.Queue.QueueId, "queue")
		equal("A", m.GetTags(), "tags")
		next++
	}
}

func sendOrdered(l *lab) {
	p := l.producer(producer.WithQueueSelector(producer.NewHashQueueSelector()))
	topic := l.topic(p, "T")
	queues := len(l.queues(topic))
	for i := 0; i < 200; i++ {
		order := fmt.Sprintf("order-%d", i%10)
		m := message(topic, fmt.Sprintf("%s:%d", order, i/10)).WithShardingKey(order)
		result := sent(p.SendSync(background, m))
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(order))
		equal(int(hash.Sum32())%queues, result.MessageQueue.QueueId, "queue of "+order)
	}
	checkOrders(bodiesInOrder(l.drain(topic, 201)), 10)
}

// Each of the orders must have its steps 0, 1, 2, ... in this order.
func checkOrders(all []string, orders int) {
	next := map[string]int{}
	for _, body := range all {
		order, step, found := strings.Cut(body, ":")
		if !found {
			continue
		}
		equal(fmt.Sprint(next[order]), step, "next step of "+order)
		next[order]++
	}
	equal(orders, len(next), "orders")
}

func sendToQueue(l *lab) {
	p := l.producer(producer.WithQueueSelector(producer.NewManualQueueSelector()))
	maker := l.producer()
	topic := l.topic(maker, "T")
	queues := l.queues(topic)
	for i := 0; i < 40; i++ {
		m := message(topic, fmt.Sprintf("body-%d", i))
		m.Queue = queues[i%len(queues)]
		result := sent(p.SendSync(background, m))
		equal(m.Queue.QueueId, result.MessageQueue.QueueId, "queue")
	}
	l.drain(topic, 41)
}

func sendBigBodies(l *lab) {
	p := l.producer(producer.WithCompressMsgBodyOverHowmuch(1 << 30))
	topic := l.topic(p, "T")
	random := rand.New(rand.NewSource(4))
	var sentBodies [][]byte
	for _, size := range []int{fourMiB, fourMiB - 1, fourMiB - 65536, 1_000_000, 1} {
		body := make([]byte, size)
		random.Read(body)
		sentBodies = append(sentBodies, body)
		sent(p.SendSync(background, primitive.NewMessage(topic, body)))
	}
	read := l.drain(topic, len(sentBodies)+1)
	for _, body := range sentBodies {
		found := false
		for _, m := range read {
			found = found || bytes.Equal(m.Body, body)
		}
		check(found, "not read: a body of %d bytes", len(body))
	}
	_, err := p.SendSync(background, primitive.NewMessage(topic, make([]byte, fourMiB+1)))
	check(err != nil, "nobody refused a body over 4 MiB")
	sent(p.SendSync(background, message(topic, "after")))
	l.drain(topic, len(sentBodies)+2)
}

func sendCompressed(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	body := strings.Repeat("compressible ", 20_000)
	sent(p.SendSync(background, message(topic, body)))
	for _, m := range l.drain(topic, 2) {
		if string(m.Body) == "first" {
			continue
		}
		check(string(m.Body) == body, "another body, of %d bytes", len(m.Body))
		check(m.StoreSize < 50_000, "stored size %d of %d", m.StoreSize, len(body))
	}
}

func createTopic(l *lab) {
	a, err := admin.NewAdmin(admin.WithResolver(l.resolver()), admin.WithCredentials(signer()))
	must(err)
	l.onClose(func() { _ = a.Close() })
	p := l.producer()
	known := l.topic(p, "T")
	broker := brokerAddress(l, known)
	topic := l.unique("T")
	must(a.CreateTopic(background,
		admin.WithTopicCreate(topic), admin.WithBrokerAddrCreate(broker),
		admin.WithReadQueueNums(7), admin.WithWriteQueueNums(7)))
	equal(7, len(l.queues(topic)), "queues")
	for i := 0; i < 7; i++ {
		sent(p.SendSync(background, message(topic, "body")))
	}
	l.drain(topic, 7)
}

// The address that is part of an offset message id.
func brokerAddress(l *lab, topic string) string {
	first := l.drain(topic, 1)[0]
	id, err := primitive.UnmarshalMsgID([]byte(first.OffsetMsgId))
	must(err)
	return fmt.Sprintf("%s:%d", id.Addr, id.Port)
}

func bodies(messages []*primitive.MessageExt) map[string]bool {
	all := map[string]bool{}
	for _, m := range messages {
		all[string(m.Body)] = true
	}
	return all
}

func bodiesInOrder(messages []*primitive.MessageExt) []string {
	var all []string
	for _, m := range messages {
		all = append(all, string(m.Body))
	}
	return all
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/admin"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

const patience = 120 * time.Second

// A failed check: it ends the scenario.
type failure string

// What a scenario works with: clients that are shut down after it, and names of its own.
type lab struct {
	address    string
	name       string
	waitingFor atomic.Value
	mutex      sync.Mutex
	closers    []func()
}

var names atomic.Int64
var run = strconv.FormatInt(time.Now().UnixMilli(), 36) + "-" + strconv.Itoa(os.Getpid())

func newLab(address, name string) *lab {
	l := &lab{address: address, name: name}
	l.waitingFor.Store("nothing in particular")
	return l
}

// A name for a topic or group that nobody else uses.
func (l *lab) unique(prefix string) string {
	return fmt.Sprintf("%s-%s-%s-%d", prefix, l.name, run, names.Add(1))
}

func (l *lab) resolver() primitive.NsResolver {
	return primitive.NewPassthroughResolver([]string{l.address})
}

func (l *lab) onClose(closer func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.closers = append(l.closers, closer)
}

func (l *lab) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, closer := range l.closers {
		closer()
	}
}

// With whose name requests are signed: ACCESS_KEY and SECRET_KEY. Nobody's without them.
func signer() primitive.Credentials {
	return primitive.Credentials{AccessKey: os.Getenv("ACCESS_KEY"), SecretKey: os.Getenv("SECRET_KEY")}
}

func (l *lab) producer(options ...producer.Option) rocketmq.Producer {
	all := append([]producer.Option{
		producer.WithNsResolver(l.resolver()),
		producer.WithCredentials(signer()),
		producer.WithGroupName(l.unique("PG")),
		producer.WithInstanceName(l.unique("i")),
		producer.WithSendMsgTimeout(30 * time.Second),
		producer.WithRetry(2),
	}, options...)
	p, err := rocketmq.NewProducer(all...)
	must(err)
	must(p.Start())
	l.onClose(func() { _ = p.Shutdown() })
	return p
}

type listener func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error)

func (l *lab) pushConsumer(
	group, topic, tags string, f listener, options ...consumer.Option,
) rocketmq.PushConsumer {
	all := append([]consumer.Option{
		consumer.WithNsResolver(l.resolver()),
		consumer.WithCredentials(signer()),
		consumer.WithGroupName(group),
		consumer.WithInstance(l.unique("i")),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
	}, options...)
	c, err := rocketmq.NewPushConsumer(all...)
	must(err)
	must(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: tags}, f))
	must(c.Start())
	l.onClose(func() { _ = c.Shutdown() })
	return c
}

func (l *lab) pullConsumer(group, topic, tags string) rocketmq.PullConsumer {
	c, err := rocketmq.NewPullConsumer(
		consumer.WithNsResolver(l.resolver()),
		consumer.WithCredentials(signer()),
		consumer.WithGroupName(group),
		consumer.WithInstance(l.unique("i")),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
	)
	must(err)
	must(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: tags}))
	must(c.Start())
	l.onClose(func() { _ = c.Shutdown() })
	return c
}

// Makes a topic as the official clients do by default: with its first message.
func (l *lab) topic(p rocketmq.Producer, prefix string) string {
	topic := l.unique(prefix)
	sent(p.SendSync(context.Background(), message(topic, "first")))
	return topic
}

// All queues of a topic; waits until the name server knows it.
func (l *lab) queues(topic string) []*primitive.MessageQueue {
	a, err := admin.NewAdmin(admin.WithResolver(l.resolver()), admin.WithCredentials(signer()))
	must(err)
	l.onClose(func() { _ = a.Close() })
	var queues []*primitive.MessageQueue
	l.await("the route of "+topic, func() bool {
		queues, err = a.FetchPublishMessageQueues(context.Background(), topic)
		return err == nil && len(queues) > 0
	})
	sort.Slice(queues, func(i, j int) bool { return queues[i].QueueId < queues[j].QueueId })
	return queues
}

// Reads a topic from its beginning until there are so many messages; refuses more.
func (l *lab) drain(topic string, count int) []*primitive.MessageExt {
	all := l.read(topic, fmt.Sprintf("%d messages of %s", count, topic), func(all []*primitive.MessageExt) bool {
		return len(all) >= count
	})
	equal(count, len(all), "messages of "+topic)
	return all
}

// Reads a topic until so many different bodies are there; each may be there twice.
func (l *lab) drainBodies(topic string, count int) []*primitive.MessageExt {
	return l.read(topic, fmt.Sprintf("%d bodies of %s", count, topic), func(all []*primitive.MessageExt) bool {
		return len(bodies(all)) >= count
	})
}

// Reads a topic from its beginning until there is enough.
func (l *lab) read(topic, what string, isEnough func([]*primitive.MessageExt) bool) []*primitive.MessageExt {
	queues := l.queues(topic)
	c := l.pullConsumer(l.unique("DG"), topic, "*")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mutex sync.Mutex
	var messages []*primitive.MessageExt
	for _, queue := range queues {
		go func() {
			offset := int64(0)
			for ctx.Err() == nil {
				result, err := c.PullFrom(ctx, queue, offset, 32)
				if err != nil {
					continue
				}
				offset = result.NextBeginOffset
				if result.Status != primitive.PullFound {
					continue
				}
				mutex.Lock()
				messages = append(messages, result.GetMessageExts()...)
				mutex.Unlock()
			}
		}()
	}
	read := func() []*primitive.MessageExt {
		mutex.Lock()
		defer mutex.Unlock()
		return append([]*primitive.MessageExt{}, messages...)
	}
	l.await(what, func() bool { return isEnough(read()) })
	return read()
}

func (l *lab) await(what string, condition func() bool) {
	l.waitingFor.Store(what)
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			fail("waited %v in vain for %s", patience, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.waitingFor.Store("something after " + what)
}

func message(topic, body string) *primitive.Message {
	return primitive.NewMessage(topic, []byte(body))
}

func sent(result *primitive.SendResult, err error) *primitive.SendResult {
	must(err)
	equal(primitive.SendOK, result.Status, "status of a send")
	return result
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func equal[T comparable](expected, actual T, what string) {
	if expected != actual {
		fail("expected %v as %s, got %v", expected, what, actual)
	}
}

func check(condition bool, format string, values ...any) {
	if !condition {
		fail(format, values...)
	}
}

func fail(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	for depth := 2; depth < 6; depth++ {
		if _, file, line, ok := runtime.Caller(depth); ok {
			text += fmt.Sprintf(" at %s:%d", filepath.Base(file), line)
		}
	}
	panic(failure(text))
}

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

// How late is not what is looked at: that is up to the machine.
const late = 100 * time.Second

func hashSelector() producer.Option {
	return producer.WithQueueSelector(producer.NewHashQueueSelector())
}

func manualSelector() producer.Option {
	return producer.WithQueueSelector(producer.NewManualQueueSelector())
}

type attempt struct {
	at         time.Time
	reconsumed int32
	topic      string
	id         string
	properties map[string]string
}

// One attempt, the retry, then the dead letter; all under official names.
func retryDeadLetter(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	group := l.unique("G")
	var mutex sync.Mutex
	attempts := map[string][]attempt{}
	of := func(body string) []attempt {
		mutex.Lock()
		defer mutex.Unlock()
		return attempts[body]
	}
	makeRetryTopic(l, group, topic)
	l.pushConsumer(group, topic, "TagA",
		func(ctx context.Context, all ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			m := all[0]
			body := string(m.Body)
			mutex.Lock()
			attempts[body] = append(attempts[body], attempt{
				time.Now(), m.ReconsumeTimes, m.Topic, m.MsgId, m.GetProperties()})
			mutex.Unlock()
			settings, _ := primitive.GetConcurrentlyCtx(ctx)
			switch body {
			case "good":
				return consumer.ConsumeSuccess, nil
			case "soon":
				settings.DelayLevelWhenNextConsume = 1
			case "dead":
				settings.DelayLevelWhenNextConsume = -1
			}
			return consumer.ConsumeRetryLater, nil
		}, consumer.WithMaxReconsumeTimes(1), consumer.WithConsumeMessageBatchMaxSize(1))
	results := map[string]*primitive.SendResult{}
	for _, body := range []string{"bad", "good", "soon", "dead"} {
		m := message(topic, body).WithTag("TagA").WithKeys([]string{"key-" + body})
		m.WithProperty("colour", "red")
		results[body] = sent(p.SendSync(background, m))
	}
	l.await("the retries", func() bool { return len(of("bad")) == 2 && len(of("soon")) == 2 })
	checkPause(of("bad"), 10*time.Second)
	checkPause(of("soon"), time.Second)
	for _, body := range []string{"bad", "soon"} {
		again := of(body)[1]
		equal(int32(1), again.reconsumed, "attempts before the retry")
		equal(topic, again.topic, "topic that the listener sees")
		equal(topic, again.properties["RETRY_TOPIC"], "RETRY_TOPIC")
		equal(results[body].OffsetMsgID, again.properties["ORIGIN_MESSAGE_ID"], "ORIGIN_MESSAGE_ID")
		equal(results[body].MsgID, again.id, "unique id of the retry")
		equal("red", again.properties["colour"], "user property of the retry")
	}
	for _, m := range l.drain("%DLQ%"+group, 3) {
		result := results[string(m.Body)]
		equal(topic, m.GetProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter")
		equal(result.OffsetMsgID, m.GetProperty("ORIGIN_MESSAGE_ID"), "ORIGIN_MESSAGE_ID")
		equal(result.MsgID, m.MsgId, "unique id of a dead letter")
		equal("TagA", m.GetTags(), "tags of a dead letter")
		equal(int32(len(of(string(m.Body)))), m.ReconsumeTimes, "attempts counted in a dead letter")
	}
	equal(1, len(of("good")), "attempts of the good one")
	equal(1, len(of("dead")), "attempts of the one sent to the dead letters at once")
}

// The first heartbeat of a group makes its retry topic, but this client looks for topics every 30 s
// and for queues every 20 s: a group that has had a member before finds both when it starts.
func makeRetryTopic(l *lab, group, topic string) {
	var ignored inbox
	c := l.pushConsumer(group, topic, "TagA", ignored.listener())
	l.queues("%RETRY%" + group)
	must(c.Shutdown())
}

func checkPause(both []attempt, pause time.Duration) {
	took := both[1].at.Sub(both[0].at)
	check(took >= pause-50*time.Millisecond && took < pause+late, "retried after %v", took)
}

// A delayed message comes when its time has come, never before.
func delayLevels(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	var mutex sync.Mutex
	received := map[string]time.Time{}
	l.pushConsumer(l.unique("G"), topic, "TagB",
		func(_ context.Context, all ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			mutex.Lock()
			defer mutex.Unlock()
			for _, m := range all {
				received[string(m.Body)] = time.Now()
			}
			return consumer.ConsumeSuccess, nil
		})
	began := map[string]time.Time{}
	for level := 3; level >= 0; level-- {
		body := fmt.Sprintf("level-%d", level)
		m := message(topic, body).WithTag("TagB")
		if level > 0 {
			m.WithDelayTimeLevel(level)
		}
		began[body] = time.Now()
		sent(p.SendSync(background, m))
	}
	l.await("all four", func() bool {
		mutex.Lock()
		defer mutex.Unlock()
		return len(received) == 4
	})
	for level, delay := range []time.Duration{0, 1, 5, 10} {
		body := fmt.Sprintf("level-%d", level)
		took := received[body].Sub(began[body])
		check(took >= delay*time.Second-10*time.Millisecond && took < delay*time.Second+late,
			"the message of %s came after %v", body, took)
	}
}

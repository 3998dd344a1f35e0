package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

// Messages for a time: this client has no method for it, so it sets the properties.
func timers(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	var mutex sync.Mutex
	stored := map[string]int64{}
	times := 0
	l.pushConsumer(l.unique("G"), topic, "TagB",
		func(_ context.Context, all ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			mutex.Lock()
			defer mutex.Unlock()
			for _, m := range all {
				stored[string(m.Body)] = m.StoreTimestamp
				times++
			}
			return consumer.ConsumeSuccess, nil
		})
	const count = 12
	due := map[string]int64{}
	for i := 0; i < count; i++ {
		body := fmt.Sprintf("timer-%d", i)
		wait := int64(700 + 310*i)
		m := message(topic, body).WithTag("TagB")
		now := time.Now().UnixMilli()
		switch i % 3 {
		case 0:
			m.WithProperty("TIMER_DELAY_MS", strconv.FormatInt(wait, 10))
		case 1:
			m.WithProperty("TIMER_DELIVER_MS", strconv.FormatInt(now+wait, 10))
		default:
			wait = wait / 1000 * 1000
			m.WithProperty("TIMER_DELAY_SEC", strconv.FormatInt(wait/1000, 10))
		}
		due[body] = now + wait
		sent(p.SendSync(background, m))
	}
	l.await("all timers", func() bool {
		mutex.Lock()
		defer mutex.Unlock()
		return len(stored) == count
	})
	mutex.Lock()
	defer mutex.Unlock()
	check(times == count, "%d messages came, not %d", times, count)
	for body, when := range due {
		check(stored[body] >= when, "%s came %d ms early", body, when-stored[body])
	}
}

package main

import (
	"fmt"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

// Polling with acknowledgements; the next member goes on where this one stopped.
func pullPoll(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	group := l.unique("G")
	seen := map[string]bool{}
	for round := 0; round < 2; round++ {
		for i := 0; i < 60; i++ {
			tag := "TagA"
			if i%3 == 0 {
				tag = "Other"
			}
			m := message(topic, fmt.Sprintf("%d:%d", round, i)).WithTag(tag)
			sent(p.SendSync(background, m))
		}
		c := l.pullConsumer(group, topic, "TagA")
		l.await("40 messages a round", func() bool {
			request, err := c.Poll(background, 200*time.Millisecond)
			if err != nil {
				return false
			}
			for _, m := range request.GetMsgList() {
				check(!seen[string(m.Body)], "twice: %s", m.Body)
				seen[string(m.Body)] = true
			}
			c.ACK(background, request, consumer.ConsumeSuccess)
			return len(seen) >= 40*(round+1)
		})
		must(c.PersistOffset(background, topic))
		must(c.Shutdown())
	}
	equal(80, len(seen), "different messages")
}

// Reading at offsets that the caller chose.
func pullFrom(l *lab) {
	p := l.producer(manualSelector())
	topic := l.topic(l.producer(), "T")
	queue := l.queues(topic)[2]
	first := int64(-1)
	for i := 0; i < 100; i++ {
		m := message(topic, fmt.Sprintf("body-%d", i))
		m.Queue = queue
		result := sent(p.SendSync(background, m))
		if first < 0 {
			first = result.QueueOffset
		}
	}
	c := l.pullConsumer(l.unique("G"), topic, "*")
	for _, from := range []int64{40, 0, 90, 99} {
		result, err := c.PullFrom(background, queue, first+from, 10)
		must(err)
		equal(primitive.PullFound, result.Status, "status of a pull")
		all := result.GetMessageExts()
		check(len(all) > 0, "no messages from %d", from)
		for i, m := range all {
			equal(fmt.Sprintf("body-%d", from+int64(i)), string(m.Body), "body")
		}
		equal(first+from+int64(len(all)), result.NextBeginOffset, "next offset")
		equal(int64(0), result.MinOffset, "smallest offset")
		equal(first+100, result.MaxOffset, "largest offset")
	}
	result, err := c.PullFrom(background, queue, first+1000, 10)
	must(err)
	equal(primitive.PullOffsetIllegal, result.Status, "status of a pull behind the end")
}

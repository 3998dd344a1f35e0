package main

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

const requestTTL = 60 * time.Second

// Of a request that may get no reply yet: the client ends the process when the send of one takes longer.
const earlyTTL = 5 * time.Second

// Requests and their replies: one after the other, and in the background.
func requestReply(l *lab) {
	replier := l.producer()
	topic := l.topic(replier, "T")
	requester := l.producer()
	answer := func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		for _, m := range messages {
			if m.GetProperty("CORRELATION_ID") == "" {
				continue
			}
			reply, err := consumer.CreateReplyMessage(m, nil)
			if err == nil {
				// The client 2.1.2 takes the body for properties.
				reply.Body = []byte("answer to " + string(m.Body))
				_, err = replier.SendSync(background, reply)
			}
			if err != nil {
				return consumer.ConsumeRetryLater, err
			}
		}
		return consumer.ConsumeSuccess, nil
	}
	l.pushConsumer(l.unique("G"), topic, "*", answer)
	// The client 2.1.2 does not announce itself before it asks: a broker knows it up to 30 s later.
	l.await("a first reply", func() bool {
		_, err := requester.Request(background, earlyTTL, message(topic, "q"))
		return err == nil
	})
	for i := 0; i < 10; i++ {
		reply, err := requester.Request(background, requestTTL, message(topic, fmt.Sprintf("q%d", i)))
		must(err)
		equal(fmt.Sprintf("answer to q%d", i), string(reply.Body), "reply")
	}
	const count = 20
	outcomes := make(chan string, count)
	for i := 0; i < count; i++ {
		body := fmt.Sprintf("a%d", i)
		must(requester.RequestAsync(background, requestTTL,
			func(_ context.Context, reply *primitive.Message, err error) {
				switch {
				case err != nil:
					outcomes <- err.Error()
				case string(reply.Body) != "answer to "+body:
					outcomes <- "wrong reply " + string(reply.Body)
				default:
					outcomes <- ""
				}
			}, message(topic, body)))
	}
	for i := 0; i < count; i++ {
		equal("", <-outcomes, "outcome of an async request")
	}
}

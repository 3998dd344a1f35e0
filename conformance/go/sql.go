package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

// Brokers need enablePropertyFilter=true.
const sqlExpression = "price BETWEEN 10 AND 13 AND kind IN ('book', 'dvd') AND NOT (price = 13)"

func sendPriced(p rocketmq.Producer, topic, prefix string) {
	for i := 0; i < 30; i++ {
		m := message(topic, fmt.Sprintf("%s%d", prefix, i))
		m.WithProperty("price", strconv.Itoa(i))
		m.WithProperty("kind", []string{"book", "dvd", "record"}[i%3])
		sent(p.SendSync(background, m))
	}
}

// A push consumer gets what its expression wants and nothing else.
func sqlPush(l *lab) {
	p := l.producer()
	topic := l.topic(p, "T")
	sendPriced(p, topic, "early")
	var received inbox
	c, err := rocketmq.NewPushConsumer(
		consumer.WithNsResolver(l.resolver()),
		consumer.WithGroupName(l.unique("G")),
		consumer.WithInstance(l.unique("i")),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
	)
	must(err)
	selector := consumer.MessageSelector{Type: consumer.SQL92, Expression: sqlExpression}
	must(c.Subscribe(topic, selector, received.listener()))
	must(c.Start())
	l.onClose(func() { _ = c.Shutdown() })
	l.await("the early ones", func() bool { return received.size() >= 2 })
	sendPriced(p, topic, "late")
	l.await("the late ones", func() bool { return received.size() >= 4 })
	equal("early10 early12 late10 late12", sortedBodies(received.all()), "what came")
}

func sortedBodies(messages []*primitive.MessageExt) string {
	var texts []string
	for _, m := range messages {
		texts = append(texts, string(m.Body))
	}
	sort.Strings(texts)
	return strings.Join(texts, " ")
}

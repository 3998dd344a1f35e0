package main

import (
	"fmt"
	"sync"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

// Says what a test tells it, and counts the questions.
type transactions struct {
	mutex     sync.Mutex
	first     map[string]primitive.LocalTransactionState
	later     map[string]primitive.LocalTransactionState
	questions map[string]int
}

func newTransactions() *transactions {
	return &transactions{
		first:     map[string]primitive.LocalTransactionState{},
		later:     map[string]primitive.LocalTransactionState{},
		questions: map[string]int{},
	}
}

func (t *transactions) ExecuteLocalTransaction(m *primitive.Message) primitive.LocalTransactionState {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if state, found := t.first[string(m.Body)]; found {
		return state
	}
	return primitive.UnknowState
}

func (t *transactions) CheckLocalTransaction(m *primitive.MessageExt) primitive.LocalTransactionState {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.questions[string(m.Body)]++
	if state, found := t.later[string(m.Body)]; found {
		return state
	}
	return primitive.UnknowState
}

func (t *transactions) asked(body string) int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.questions[body]
}

func (l *lab) transactionProducer(listener primitive.TransactionListener) rocketmq.TransactionProducer {
	p, err := rocketmq.NewTransactionProducer(listener,
		producer.WithNsResolver(l.resolver()),
		producer.WithGroupName(l.unique("PG")),
		producer.WithInstanceName(l.unique("i")),
		producer.WithRetry(2),
	)
	must(err)
	must(p.Start())
	l.onClose(func() { _ = p.Shutdown() })
	return p
}

func sendInTransaction(p rocketmq.TransactionProducer, topic, body string) *primitive.SendResult {
	m := message(topic, body).WithTag("TagT").WithKeys([]string{"key-" + body})
	result, err := p.SendMessageInTransaction(background, m)
	must(err)
	return sent(result.SendResult, nil)
}

// What is committed at once comes, with its own properties; what is rolled back never does.
func transactionOutcome(l *lab) {
	t := newTransactions()
	topic := l.topic(l.producer(), "T")
	p := l.transactionProducer(t)
	results := map[string]*primitive.SendResult{}
	for i := 0; i < 10; i++ {
		for body, state := range map[string]primitive.LocalTransactionState{
			fmt.Sprintf("commit-%d", i):   primitive.CommitMessageState,
			fmt.Sprintf("rollback-%d", i): primitive.RollbackMessageState,
		} {
			t.first[body] = state
			results[body] = sendInTransaction(p, topic, body)
		}
	}
	for _, m := range l.drain(topic, 11) {
		body := string(m.Body)
		if body == "first" {
			continue
		}
		equal(primitive.CommitMessageState, t.first[body], "outcome of "+body)
		equal(results[body].MsgID, m.GetProperty("UNIQ_KEY"), "id of "+body)
		equal("key-"+body, m.GetKeys(), "keys of "+body)
		equal("TagT", m.GetTags(), "tags of "+body)
	}
}

// An unknown outcome is asked for until there is an answer. The broker must be set to ask soon:
// transactionTimeOut=6000, transactionCheckInterval=5000.
func transactionCheck(l *lab) {
	t := newTransactions()
	topic := l.topic(l.producer(), "T")
	p := l.transactionProducer(t)
	t.later["yes"] = primitive.CommitMessageState
	t.later["no"] = primitive.RollbackMessageState
	for _, body := range []string{"yes", "no"} {
		sendInTransaction(p, topic, body)
	}
	l.await("both questions", func() bool { return t.asked("yes") > 0 && t.asked("no") > 0 })
	got := map[string]bool{}
	for _, m := range l.drain(topic, 2) {
		got[string(m.Body)] = true
	}
	check(got["yes"] && !got["no"], "messages that came: %v", got)
}

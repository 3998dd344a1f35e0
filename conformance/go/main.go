// Runs scenarios on the official Go client against whatever answers at a name server's address:
// go-conformance ADDRESS [list | SCENARIO ...] (all when none is named). Prints one JSON line a
// scenario: {"name","ok","ms","error"}; ends with 1 when one failed.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

const (
	parallel = 8
	limit    = 300 * time.Second
)

type scenario struct {
	name string
	run  func(*lab)
}

// The long ones come first: they set the length of the whole run.
var scenarios = []scenario{
	{"retry-dead-letter", retryDeadLetter},
	{"push-clustering", pushClustering},
	{"delay-levels", delayLevels},
	{"timers", timers},
	{"push-orderly", pushOrderly},
	{"push-broadcasting", pushBroadcasting},
	{"push-resume", pushResume},
	{"push-tags", pushTags},
	{"pull-poll", pullPoll},
	{"pull-from", pullFrom},
	{"sync", sendSync},
	{"async", sendAsync},
	{"oneway", sendOneWay},
	{"batch", sendBatch},
	{"ordered-send", sendOrdered},
	{"manual-queue", sendToQueue},
	{"big-bodies", sendBigBodies},
	{"compressed-bodies", sendCompressed},
	{"sql-push", sqlPush},
	{"create-topic", createTopic},
	{"transaction-outcome", transactionOutcome},
}

// Only when named: the broker must be set for them, or the client ends the process some seconds
// after them (v2.1.2 has no answer in hand when the send of a request times out).
var special = []scenario{
	{"request-reply", requestReply},
	{"transaction-check", transactionCheck},
}

type result struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	MS    int64  `json:"ms"`
	Error string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "Usage: go-conformance ADDRESS [list | SCENARIO ...]")
		os.Exit(2)
	}
	rlog.SetLogLevel("fatal")
	// Without it the client ends the process when an asynchronous send has no answer after its 3 s: it
	// tells the callback, and then looks into the answer.
	primitive.PanicHandler = func(any) {}
	if level := os.Getenv("CLIENT_LOG_LEVEL"); level != "" {
		rlog.SetLogLevel(level)
	}
	wanted := os.Args[2:]
	if len(wanted) == 1 && wanted[0] == "list" {
		for _, one := range scenarios {
			fmt.Println(one.name)
		}
		return
	}
	chosen, err := choose(wanted)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if runAll(os.Args[1], chosen) > 0 {
		os.Exit(1)
	}
}

func choose(wanted []string) ([]scenario, error) {
	if len(wanted) == 0 {
		return scenarios, nil
	}
	var chosen []scenario
	for _, name := range wanted {
		found := false
		for _, one := range append(special, scenarios...) {
			if one.name == name {
				chosen = append(chosen, one)
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no scenario %q", name)
		}
	}
	return chosen, nil
}

func runAll(address string, chosen []scenario) int {
	var group sync.WaitGroup
	var printing sync.Mutex
	failed := 0
	slots := make(chan struct{}, parallel)
	for _, one := range chosen {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer group.Done()
			outcome := runOne(address, one)
			printing.Lock()
			defer printing.Unlock()
			if !outcome.OK {
				failed++
			}
			line, _ := json.Marshal(outcome)
			fmt.Println(string(line))
			<-slots
		}()
	}
	group.Wait()
	return failed
}

func runOne(address string, one scenario) result {
	began := time.Now()
	l := newLab(address, one.name)
	done := make(chan string, 1)
	go func() {
		defer func() {
			if thrown := recover(); thrown != nil {
				if _, isFailure := thrown.(failure); isFailure {
					done <- fmt.Sprint(thrown)
				} else {
					done <- fmt.Sprintf("%v\n%s", thrown, debug.Stack())
				}
			}
		}()
		one.run(l)
		done <- ""
	}()
	problem := ""
	select {
	case problem = <-done:
	case <-time.After(limit):
		problem = fmt.Sprintf("not done after %v: %s", limit, l.waitingFor.Load())
	}
	ms := time.Since(began).Milliseconds()
	l.close()
	return result{Name: one.name, OK: problem == "", MS: ms, Error: problem}
}

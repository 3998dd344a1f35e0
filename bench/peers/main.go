// peers: the same four questions asked of NATS JetStream, Redis Streams and a PostgreSQL table used
// as a queue, so that they stand beside Skylark in one run. One JSON line per mode, in the form of
// the other generators: rate, p50/p99, CPU microseconds of the server processes per message.
//
//	peers -kind nats|redis|postgres -addr ADDRESS -pid PIDS -body 1024 -warm 2 -dur 5 MODE...
//
// MODE: sync:N (N callers, one message each at a time), async:W (a window of W in flight),
// drain:N (store N messages, then read and acknowledge them all).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	kind = flag.String("kind", "nats", "nats|redis|postgres")
	addr = flag.String("addr", "", "address or connection string of the server")
	pids = flag.String("pid", "", "server process ids, comma separated; their children count too")
	body = flag.Int("body", 1024, "bytes of a body")
	warm = flag.Float64("warm", 2, "seconds of warm-up")
	dur  = flag.Float64("dur", 5, "measured seconds")
)

// peer is one kind of server: send waits for the acknowledgement, window keeps w sends in flight
// until stop, drain stores n messages and returns after all were read and acknowledged.
type peer interface {
	open(ctx context.Context) error
	send(ctx context.Context, payload []byte) error
	window(ctx context.Context, payload []byte, w int, done func(time.Duration)) error
	fill(ctx context.Context, payload []byte, n int) error
	drain(ctx context.Context, n int) error
	close()
}

func main() {
	flag.Parse()
	ctx := context.Background()
	p := peers[*kind]()
	if err := p.open(ctx); err != nil {
		fmt.Fprintln(os.Stderr, *kind, *addr, err)
		os.Exit(1)
	}
	defer p.close()
	payload := make([]byte, *body)
	for i := range payload {
		payload[i] = byte('a' + i%26)
	}
	for _, mode := range flag.Args() {
		name, text, _ := strings.Cut(mode, ":")
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "mode %q: want sync:N, async:N or drain:N\n", mode)
			os.Exit(2)
		}
		switch name {
		case "sync":
			err = sync_(ctx, p, payload, mode, n)
		case "async":
			err = async(ctx, p, payload, mode, n)
		case "drain":
			err = drain(ctx, p, payload, mode, n)
		default:
			err = fmt.Errorf("mode %q is not known", mode)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, *kind, mode, err)
			os.Exit(1)
		}
	}
}

func sync_(ctx context.Context, p peer, payload []byte, mode string, callers int) error {
	m := newMeter()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var failed atomic.Value
	for range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for !m.stopped() {
				t := time.Now()
				if err := p.send(ctx, payload); err != nil {
					failed.Store(err)
					return
				}
				m.add(time.Since(t))
			}
		}()
	}
	m.run()
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		return err
	}
	m.print(mode)
	return nil
}

func async(ctx context.Context, p peer, payload []byte, mode string, w int) error {
	m := newMeter()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.window(ctx, payload, w, m.add) }()
	m.run()
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	m.print(mode)
	return nil
}

func drain(ctx context.Context, p peer, payload []byte, mode string, n int) error {
	if err := p.fill(ctx, payload, n); err != nil {
		return err
	}
	m := newMeter()
	m.begin()
	if err := p.drain(ctx, n); err != nil {
		return err
	}
	m.count.Store(int64(n))
	m.end()
	m.print(mode)
	return nil
}

// meter counts what falls between begin and end.
type meter struct {
	on, off   atomic.Bool
	count     atomic.Int64
	mu        sync.Mutex
	latencies []time.Duration
	t0        time.Time
	cpu0      float64
	seconds   float64
	cpu       float64
}

func newMeter() *meter         { return &meter{} }
func (m *meter) stopped() bool { return m.off.Load() }
func (m *meter) begin()        { m.cpu0, m.t0 = cpuSeconds(), time.Now(); m.on.Store(true) }
func (m *meter) end() {
	m.on.Store(false)
	m.seconds = time.Since(m.t0).Seconds()
	m.cpu = cpuSeconds() - m.cpu0
}
func sleep(seconds float64) { time.Sleep(time.Duration(seconds * float64(time.Second))) }
func (m *meter) run()       { sleep(*warm); m.begin(); sleep(*dur); m.end(); m.off.Store(true) }
func (m *meter) add(d time.Duration) {
	if !m.on.Load() {
		return
	}
	if n := m.count.Add(1); n%16 == 1 || n < 100000 {
		m.mu.Lock()
		m.latencies = append(m.latencies, d)
		m.mu.Unlock()
	}
}

func (m *meter) print(mode string) {
	n := m.count.Load()
	line := map[string]any{
		"tool": *kind, "mode": mode, "body": *body, "msgs": n, "sec": round(m.seconds),
		"rate": int64(float64(n) / m.seconds), "broker_cpu_us_msg": round(m.cpu / float64(n) * 1e6),
		"rss_mb": rssMb(), "loadavg": loadAverage(),
	}
	if l := m.latencies; len(l) > 0 {
		sort.Slice(l, func(i, j int) bool { return l[i] < l[j] })
		line["p50us"] = l[len(l)/2].Microseconds()
		line["p99us"] = l[len(l)*99/100].Microseconds()
	}
	out, _ := json.Marshal(line)
	fmt.Println(string(out))
}

func round(x float64) float64 { return float64(int64(x*100)) / 100 }

// serverPids are the named processes and their descendants (PostgreSQL forks one per connection).
func serverPids() []string {
	var all []string
	queue := strings.FieldsFunc(*pids, func(r rune) bool { return r == ',' })
	for len(queue) > 0 {
		all = append(all, queue[0])
		out, _ := exec.Command("pgrep", "-P", queue[0]).Output()
		queue = append(queue[1:], strings.Fields(string(out))...)
	}
	return all
}

func cpuSeconds() (total float64) {
	for _, pid := range serverPids() {
		text, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			continue
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+2:]))
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		total += (user + system) / 100
	}
	return
}

func rssMb() (mb int) {
	for _, pid := range serverPids() {
		text, _ := os.ReadFile("/proc/" + pid + "/status")
		for _, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "VmRSS:") {
				kb, _ := strconv.Atoi(strings.Fields(line)[1])
				mb += kb / 1024
			}
		}
	}
	return
}

func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

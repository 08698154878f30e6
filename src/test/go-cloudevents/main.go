// Receivers by the SDK of CloudEvents, each on a free port of loopback. Prints a line for each receiver (name and port)
// and for each request (name, method, time in milliseconds, callback). A line "withdraw" on stdin ends the permission of
// the receiver "granted".
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

const callback = "WebHook-Request-Callback"

var printing sync.Mutex

func say(words ...any) {
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(words...)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// receiver starts one. The SDK grants in its response only where it sees no callback.
func receiver(name string, seesCallback bool, options ...cehttp.Option) *cehttp.Protocol {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	recorded := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			say(name, r.Method, time.Now().UnixMilli(), r.Header.Get(callback))
			if !seesCallback {
				r.Header.Del(callback)
			}
			next.ServeHTTP(w, r)
		})
	}
	options = append(options, cehttp.WithListener(listener), cehttp.WithPath("/hooks"), cehttp.WithMiddleware(recorded))
	protocol, err := cehttp.New(options...)
	must(err)
	client, err := cloudevents.NewClient(protocol)
	must(err)
	go func() { must(client.StartReceiver(context.Background(), func(event cloudevents.Event) {})) }()
	say(name, listener.Addr().(*net.TCPAddr).Port)
	return protocol
}

func permits(rate int, origin string, byCallback bool) cehttp.Option {
	return cehttp.WithDefaultOptionsHandlerFunc([]string{http.MethodPost}, rate, []string{origin}, byCallback)
}

func main() {
	granted := receiver("granted", false, permits(120, "localhost", false))
	receiver("refused", false, permits(120, "other.example.com", false))
	receiver("callback", true, permits(6000, "*", true))
	receiver("later", true, permits(6000, "*", false))
	receiver("ignores", true)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		granted.WebhookConfig.AllowedOrigins = []string{"other.example.com"}
		say("withdrawn")
	}
}

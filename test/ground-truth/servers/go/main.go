// A server in Go on gorilla/websocket that is known to leak, or to do what is taken for a leak.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o known main.go && ./known PORT BEHAVIOUR BYTES
package main

import (
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const late = 2 * time.Second

type session struct {
	number int
	buffer []byte
}

var (
	mutex    sync.Mutex
	kept     []*session
	cache    = map[int][]byte{}
	pool     [][]byte
	poolSize int
	opened   int
	never    = make(chan struct{})
	// Filled by the second wave.
	cacheEntries = 15000
)

// Returns what has to be done when the connection has closed.
func open(behaviour string, size int) func() {
	mutex.Lock()
	defer mutex.Unlock()
	opened++
	switch behaviour {
	case "leak":
		kept = append(kept, &session{opened, make([]byte, size)})
	case "leak-tenth":
		if opened%10 == 0 {
			kept = append(kept, &session{opened, make([]byte, size)})
		}
	case "leak-goroutine":
		ballast := make([]byte, size)
		go func() {
			<-never
			_ = ballast
		}()
	case "cache":
		if _, has := cache[opened%cacheEntries]; !has {
			cache[opened%cacheEntries] = make([]byte, size)
		}
	case "pool":
		if len(pool) == 0 {
			more := poolSize
			if more == 0 {
				more = 64
			}
			poolSize += more
			for index := 0; index < more; index++ {
				pool = append(pool, make([]byte, size))
			}
		}
		taken := pool[len(pool)-1]
		pool = pool[:len(pool)-1]
		return func() {
			mutex.Lock()
			defer mutex.Unlock()
			pool = append(pool, taken)
		}
	case "late":
		ballast := make([]byte, size)
		return func() {
			time.AfterFunc(late, func() { _ = ballast })
		}
	}
	return func() {}
}

func main() {
	port, behaviour := os.Args[1], os.Args[2]
	size, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	if given, err := strconv.Atoi(os.Getenv("KNOWN_CACHE_ENTRIES")); err == nil {
		cacheEntries = given
	}
	upgrader := websocket.Upgrader{}
	http.HandleFunc("/", func(writer http.ResponseWriter, request *http.Request) {
		connection, err := upgrader.Upgrade(writer, request, nil)
		if err != nil {
			return
		}
		defer connection.Close()
		defer open(behaviour, size)()
		greeting := []byte(`{"type":"greeting","message":"hello"}`)
		if connection.WriteMessage(websocket.TextMessage, greeting) != nil {
			return
		}
		for {
			kind, message, err := connection.ReadMessage()
			if err != nil {
				return
			}
			if behaviour == "leak-message" {
				mutex.Lock()
				kept = append(kept, &session{0, make([]byte, size)})
				mutex.Unlock()
			}
			if connection.WriteMessage(kind, message) != nil {
				return
			}
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}

// A WebSocket server in Go on gorilla/websocket, a peer to compare ours with: it greets and echoes.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o gorilla main.go
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/gorilla/websocket"
)

func main() {
	address := flag.String("address", "127.0.0.1:8080", "where to listen")
	greeting := flag.String("greeting", `{"type":"greeting","message":"hello"}`, "text frame written on open")
	compresses := flag.Bool("compression", true, "accept permessage-deflate")
	flag.Parse()

	upgrader := websocket.Upgrader{EnableCompression: *compresses}
	http.HandleFunc("/", func(writer http.ResponseWriter, request *http.Request) {
		connection, err := upgrader.Upgrade(writer, request, nil)
		if err != nil {
			// Upgrade has answered with what is wrong.
			return
		}
		defer connection.Close()
		if err := connection.WriteMessage(websocket.TextMessage, []byte(*greeting)); err != nil {
			return
		}
		for {
			kind, message, err := connection.ReadMessage()
			if err != nil {
				return
			}
			if err := connection.WriteMessage(kind, message); err != nil {
				return
			}
		}
	})
	log.Fatal(http.ListenAndServe(*address, nil))
}

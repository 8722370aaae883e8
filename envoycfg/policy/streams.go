package policy

import (
	"slices"
	"strings"
)

// streamWords are what paths and clusters of streams are called.
var streamWords = []string{"sse", "stream", "streams", "streaming", "event", "events", "eventsource", "ws", "wss", "websocket", "websockets", "socket", "tail", "watch", "subscribe", "longpoll"}

// NamesStream reports whether a word in a name, such as "/api/v1/watch", says that exchanges last.
func NamesStream(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !('a' <= c && c <= 'z') })
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(streamWords, word) })
}

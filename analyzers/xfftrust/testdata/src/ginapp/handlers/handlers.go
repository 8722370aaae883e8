// Package handlers decides by the address that gin tells.
package handlers

import (
	"log"
	"net/http"

	"github.com/gin-gonic/gin"
)

type limits struct{ counts map[string]int }

func (l *limits) Request(key string, max int) bool {
	n, ok := l.counts[key]
	if ok && n >= max {
		return false
	}
	l.counts[key] = n + 1
	return true
}

var all limits

func Limit(c *gin.Context) {
	if !all.Request("GW"+c.ClientIP(), 60) {
		c.AbortWithStatus(http.StatusTooManyRequests)
		return
	}
	c.Next()
}

func Log(c *gin.Context) {
	log.Print(c.ClientIP())
	c.Next()
}

// Package a decides, or does not, by headers that proxies write. // want package:`relies on \[.*\] settled \[\]`
package a

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"context"
	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

var visitors = make(map[string]*rate.Limiter)

func visitor(ip string) *rate.Limiter {
	if l, ok := visitors[ip]; ok {
		return l
	}
	l := rate.NewLimiter(1, 3)
	visitors[ip] = l
	return l
}

func limitFirst(w http.ResponseWriter, r *http.Request) {
	ip := strings.TrimSpace(strings.Split(r.Header.Get("X-Forwarded-For"), ",")[0])
	if !visitor(ip).Allow() { // want `a limit per client rests on X-Forwarded-For, which any client can write: it evades the limit`
		http.Error(w, "slow down", http.StatusTooManyRequests)
	}
}

func limitReal(w http.ResponseWriter, r *http.Request) {
	ip := r.Header.Get("X-Real-IP")
	if ip == "" {
		ip, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	if !visitor(ip).Allow() { // want `a limit per client rests on X-Real-IP`
		w.WriteHeader(429)
		return
	}
	fmt.Fprintln(w, "hello")
}

func limitRemote(w http.ResponseWriter, r *http.Request) {
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	if !visitor(ip).Allow() {
		w.WriteHeader(429)
	}
}

type counters struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counters) over(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[key]++
	return c.counts[key] > 100
}

var requests counters

func limitCount(w http.ResponseWriter, r *http.Request) {
	if requests.over("login:" + r.Header.Get("Cf-Connecting-Ip")) { // want `a limit per client rests on CF-Connecting-IP`
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	fmt.Fprintln(w, "hello")
}

var attempts sync.Map

func limitSyncMap(w http.ResponseWriter, r *http.Request) {
	n, _ := attempts.LoadOrStore(r.Header["X-Forwarded-For"][0], new(int)) // want `a limit per client rests on X-Forwarded-For`
	if *n.(*int) > 3 {
		http.Error(w, "too many", http.StatusTooManyRequests)
	}
}

var office = netip.MustParsePrefix("198.51.100.0/24")

func allowNetwork(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
		addr, err := netip.ParseAddr(first)
		if err != nil || !office.Contains(addr) { // want `a request is let in or refused by X-Forwarded-For`
			return
		}
		next.ServeHTTP(w, r)
	})
}

func allowList(w http.ResponseWriter, r *http.Request, allowed []string) {
	if !slices.Contains(allowed, r.Header.Get("True-Client-IP")) { // want `a request is let in or refused by True-Client-IP`
		w.WriteHeader(http.StatusForbidden)
	}
}

func allowFound(w http.ResponseWriter, r *http.Request, allowed []string) {
	found := false
	for _, a := range allowed {
		if a == r.Header.Get("X-Forwarded-For") { // want `by comparing X-Forwarded-For`
			found = true
			break
		}
	}
	if !found {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	fmt.Fprintln(w, "secret")
}

var errRefused = errors.New("refused")

func allowLocal(r *http.Request) error {
	if r.Header.Get("X-Real-IP") != "127.0.0.1" { // want `by comparing X-Real-IP`
		return errRefused
	}
	return nil
}

func allowLoopback(r *http.Request) error {
	for _, h := range []string{"X-Real-Ip", "X-Forwarded-For"} {
		if ip := net.ParseIP(r.Header.Get(h)); ip != nil {
			if !ip.IsLoopback() { // want `by X-Real-IP or X-Forwarded-For`
				return errRefused
			}
		}
	}
	return nil
}

func allowAnyEntry(r *http.Request, nets []*net.IPNet) error {
	check := []string{r.RemoteAddr}
	for fwd := range strings.SplitSeq(r.Header.Get("X-Forwarded-For"), ",") {
		check = append(check, strings.TrimSpace(fwd))
	}
	for _, n := range nets {
		for _, ip := range check {
			if n.Contains(net.ParseIP(ip)) { // want `by X-Forwarded-For`
				return nil
			}
		}
	}
	return errRefused
}

func allowRPC(ctx context.Context, allowed map[string]bool) error {
	md, _ := metadata.FromIncomingContext(ctx)
	if v := md.Get("x-forwarded-for"); len(v) > 0 && !allowed[v[0]] { // want `by X-Forwarded-For`
		return status.Error(codes.PermissionDenied, "not for you")
	}
	return nil
}

type slots struct{ taken map[string]chan struct{} }

func (s *slots) limitSlots(w http.ResponseWriter, r *http.Request) {
	slot, ok := s.taken[r.Header.Get("Forwarded")] // want `a limit per client rests on Forwarded`
	if !ok {
		slot = make(chan struct{}, 5)
	}
	select {
	case slot <- struct{}{}:
	default:
		http.Error(w, "slow down", http.StatusTooManyRequests)
	}
}

// Below: nothing is decided, or not by the header alone.

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.Printf("%s %s", r.Header.Get("X-Forwarded-For"), r.URL)
		next.ServeHTTP(w, r)
	})
}

func presence(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Forwarded-For") == "" {
		http.Error(w, "only through the proxy", http.StatusForbidden)
	}
}

func passedOn(r *http.Request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), "GET", "https://inventory.example/items", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Forwarded-For", r.Header.Get("X-Forwarded-For"))
	if req.Header.Get("X-Forwarded-For") == "127.0.0.1" {
		return nil, errRefused
	}
	return http.DefaultClient.Do(req)
}

func malformed(w http.ResponseWriter, r *http.Request) {
	if net.ParseIP(r.Header.Get("X-Real-IP")) == nil {
		http.Error(w, "no address", http.StatusForbidden)
	}
}

func scheme(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Forwarded-Proto") != "https" {
		http.Error(w, "use https", http.StatusForbidden)
	}
}

func limitLast(w http.ResponseWriter, r *http.Request) {
	entries := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	if !visitor(entries[len(entries)-1]).Allow() {
		w.WriteHeader(429)
	}
}

func limitLastIndex(w http.ResponseWriter, r *http.Request) {
	xff := r.Header.Get("X-Forwarded-For")
	if !visitor(xff[strings.LastIndex(xff, ",")+1:]).Allow() {
		w.WriteHeader(429)
	}
}

type config struct {
	TrustProxy bool
	ipHeader   string
	orHeader   string
	proxies    []netip.Prefix
}

func (c *config) address(r *http.Request) string {
	if c.TrustProxy {
		return r.Header.Get("X-Forwarded-For")
	}
	return r.RemoteAddr
}

func (c *config) limited(w http.ResponseWriter, r *http.Request) {
	if !visitor(c.address(r)).Allow() {
		w.WriteHeader(429)
	}
	if !visitor(r.Header.Get(c.ipHeader)).Allow() {
		w.WriteHeader(429)
	}
}

// SetHeader names the header that the proxy in front writes.
func (c *config) SetHeader(name string) {
	c.orHeader = "X-Forwarded-For"
	if name != "" {
		c.orHeader = name
	}
}

func (c *config) limitedByConfigured(w http.ResponseWriter, r *http.Request) {
	if !visitor(r.Header.Get(c.orHeader)).Allow() {
		w.WriteHeader(429)
	}
}

func (c *config) isProxy(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(ap.Addr()) })
}

func (c *config) checked(w http.ResponseWriter, r *http.Request) {
	ip := r.RemoteAddr
	if c.isProxy(r.RemoteAddr) {
		ip = r.Header.Get("X-Real-IP")
	}
	if !visitor(ip).Allow() {
		w.WriteHeader(429)
	}
}

// walk takes the last entry that is no proxy of ours.
func (c *config) walk(r *http.Request) netip.Addr {
	entries := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(entries) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(entries[i])
		if err != nil {
			break
		}
		if !slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			return addr
		}
	}
	return netip.Addr{}
}

func (c *config) limitedByWalk(w http.ResponseWriter, r *http.Request) {
	if !visitor(c.walk(r).String()).Allow() {
		w.WriteHeader(429)
	}
}

var places = make(map[string]string)

func place(w http.ResponseWriter, r *http.Request) {
	ip := r.Header.Get("X-Forwarded-For")
	city, ok := places[ip]
	if !ok {
		city = "unknown"
		places[ip] = city
	}
	fmt.Fprintln(w, city)
}

func normalised(r *http.Request) string {
	ip := r.Header.Get("X-Real-IP")
	if ip == "::1" {
		ip = "127.0.0.1"
	}
	return ip
}

func ofResponse(resp *http.Response) error {
	if resp.Header.Get("X-Real-IP") == "127.0.0.1" {
		return errRefused
	}
	return nil
}

func accepted(w http.ResponseWriter, r *http.Request) {
	if !visitor(r.Header.Get("X-Real-IP")).Allow() { //commslint:ignore go/xff-trust the load balancer overwrites it
		w.WriteHeader(429)
	}
}

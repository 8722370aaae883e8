// Package server gives handlers more time than the server leaves them.
package server

import (
	"context"
	"net/http"
	"time"

	"shop/payments"
)

var client = payments.NewPaymentsClient(nil)

func serve() error {
	mux := http.NewServeMux()
	mux.HandleFunc("/pay", pay)
	mux.HandleFunc("/quick", quick)
	mux.Handle("/slow", http.TimeoutHandler(http.HandlerFunc(quick), time.Minute, "late")) // want `this allows a handler 1m, but the server's WriteTimeout of 10s ends sooner`
	mux.Handle("/good", http.TimeoutHandler(http.HandlerFunc(quick), 5*time.Second, "too late"))
	srv := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second}
	return srv.ListenAndServe()
}

// Report: more time than the answer has.
func pay(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second) // want `this allows a handler 30s, but the server's WriteTimeout of 10s ends sooner`
	defer cancel()
	if _, err := client.GetPayment(ctx, &payments.GetPaymentRequest{}); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

// Not: less.
func quick(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if _, err := client.GetPayment(ctx, &payments.GetPaymentRequest{}); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

package orders

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"example.com/shop/internal/carrier"
	"example.com/shop/internal/httpx"
)

const (
	queueLength  = 100
	printTimeout = 5 * time.Second
)

// A dispatcher books a parcel for every paid order, one after the other.
type dispatcher struct {
	carrier *carrier.Session
	store   Store
	labels  bool // print them
	queue   chan Order
	worker  sync.WaitGroup
}

func newDispatcher(c *carrier.Session, store Store, labels bool) *dispatcher {
	d := &dispatcher{carrier: c, store: store, labels: labels, queue: make(chan Order, queueLength)}
	d.worker.Go(d.work)
	return d
}

// enqueue hands an order over. It does not wait: what does not fit is booked
// by hand from the log.
func (d *dispatcher) enqueue(o Order) {
	select {
	case d.queue <- o:
	default:
		slog.Error("dispatch queue is full", "order", o.ID)
	}
}

// close books what is queued and returns. Nothing may be enqueued after it.
func (d *dispatcher) close() {
	close(d.queue)
	d.worker.Wait()
}

func (d *dispatcher) work() {
	for o := range d.queue {
		if err := d.dispatch(o); err != nil {
			slog.Error("order not dispatched", "order", o.ID, "err", err)
		}
	}
}

func (d *dispatcher) dispatch(o Order) error {
	label, err := d.book(o)
	if err != nil {
		return err
	}
	if d.labels {
		if err := printLabel(label); err != nil {
			return err
		}
	}
	o.Status = Shipped
	return d.store.Put(context.Background(), o)
}

// book orders a parcel and returns its label.
func (d *dispatcher) book(o Order) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"reference": o.ID, "pieces": len(o.Lines)})
	if err != nil {
		return nil, fmt.Errorf("encode parcel: %w", err)
	}
	req, err := http.NewRequest(http.MethodPost, d.carrier.Base+"/v2/parcels", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := d.carrier.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return nil, httpx.Unexpected(resp)
	}
	return io.ReadAll(resp.Body)
}

// printLabel sends a label to the printer at the packing table.
func printLabel(label []byte) error {
	conn, err := net.DialTimeout("tcp", "10.40.3.12:9100", printTimeout)
	if err != nil {
		return fmt.Errorf("label printer: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(printTimeout)); err != nil {
		return fmt.Errorf("label printer: %w", err)
	}
	if _, err := conn.Write(label); err != nil {
		return fmt.Errorf("label printer: %w", err)
	}
	return nil
}

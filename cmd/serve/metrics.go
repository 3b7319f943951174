package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what Prometheus reads.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	steps    prometheus.Counter
	images   *prometheus.CounterVec
}

func newMetrics(q *queue) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "spdiff_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "spdiff_request_seconds", Help: "From a request to the end of its answer, waiting included.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 15)}, []string{"route"}),
		steps:  prometheus.NewCounter(prometheus.CounterOpts{Name: "spdiff_steps_total", Help: "Steps of solvers made."}),
		images: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "spdiff_images_total", Help: "Images made, by model."}, []string{"model"}),
	}
	gauge := func(name, help string, value func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
	}
	m.registry.MustRegister(m.requests, m.seconds, m.steps, m.images,
		gauge("spdiff_working", "Requests that are worked on.", q.working),
		gauge("spdiff_waiting", "Requests that wait for their turn.", q.waiting),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

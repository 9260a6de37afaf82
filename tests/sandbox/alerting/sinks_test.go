package alerting_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// inbox keeps what has arrived at one of the places that Alertmanager notifies.
type inbox[T any] struct {
	mutex   sync.Mutex
	arrived []T
}

func (i *inbox[T]) add(message T) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.arrived = append(i.arrived, message)
}

// find returns those of the messages so far that match.
func (i *inbox[T]) find(match func(T) bool) []T {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	var found []T
	for _, message := range i.arrived {
		if match(message) {
			found = append(found, message)
		}
	}
	return found
}

// slackMessage is what an incoming webhook of Slack's is sent.
type slackMessage struct {
	Channel     string
	Attachments []struct {
		Title, Pretext, Text, Fallback, Color string
		TitleLink                             string `json:"title_link"`
	}
}

// webhookMessage is what Alertmanager sends to a webhook.
type webhookMessage struct {
	Version, Status, Receiver string
	Alerts                    []struct {
		Status              string
		Labels, Annotations map[string]string
	}

	// path and authorization are those of the request.
	path, authorization string
}

// alert is the name of the alert that a message is about: groups have one.
func (m webhookMessage) alert() string { return m.Alerts[0].Labels["alertname"] }

// newSlack returns the URL of an incoming webhook and what arrives there.
func newSlack(t *testing.T) (string, *inbox[slackMessage]) {
	t.Helper()
	messages := &inbox[slackMessage]{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message slackMessage
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil || r.URL.Path != slackPath || len(message.Attachments) != 1 {
			http.Error(w, "invalid_payload", http.StatusBadRequest)
			return
		}
		messages.add(message)
		// Slack's answer, to the letter: Alertmanager takes any other for an error.
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(server.Close)
	return server.URL + slackPath, messages
}

// newGateway returns the URL of a gateway for text messages and what arrives there.
func newGateway(t *testing.T) (string, *inbox[webhookMessage]) {
	t.Helper()
	messages := &inbox[webhookMessage]{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		message := webhookMessage{path: r.URL.RequestURI(), authorization: r.Header.Get("Authorization")}
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil || len(message.Alerts) == 0 {
			http.Error(w, "expected Alertmanager's webhook", http.StatusBadRequest)
			return
		}
		messages.add(message)
	}))
	t.Cleanup(server.Close)
	return server.URL + gatewayPath, messages
}

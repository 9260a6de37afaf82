package alerting_test

import (
	"encoding/pem"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// letter is a mail as the server was given it.
type letter struct {
	sender     string
	recipients []string
	header     mail.Header
	// subject is the header's, decoded; text is the only part of the body.
	subject, text string
}

// newMailServer returns the address of an SMTP server, the file in dir with the authority of its certificate, and what
// arrives there. It takes letters from the one user it knows, and the password over TLS only.
func newMailServer(t *testing.T, dir string) (string, string, *inbox[letter]) {
	t.Helper()
	// A certificate for 127.0.0.1, its own authority, is what Go's test server has anyway.
	https := httptest.NewTLSServer(nil)
	t.Cleanup(https.Close)
	authority := filepath.Join(dir, "authority.pem")
	require.NoError(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: https.Certificate().Raw}), 0o600))

	letters := &inbox[letter]{}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{letters: letters}, nil }))
	server.TLSConfig = https.TLS.Clone()
	server.TLSConfig.NextProtos = nil
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return listener.Addr().String(), authority, letters
}

type session struct {
	letters  *inbox[letter]
	known    bool
	received letter
}

var errWho = errors.New("say who you are first")

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != mailUser || password != mailPassword {
			return errors.New("wrong user or password")
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return errWho
	}
	s.received = letter{sender: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.received.recipients = append(s.received.recipients, to)
	return nil
}

func (s *session) Data(content io.Reader) error {
	message, err := mail.ReadMessage(content)
	if err != nil {
		return err
	}
	s.received.header = message.Header
	if s.received.subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return err
	}
	_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	part, err := parts.NextPart()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	s.received.text = string(text)
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		return errors.New("expected one part, the text")
	}
	s.letters.add(s.received)
	return nil
}

func (s *session) Reset() { s.received = letter{} }

func (s *session) Logout() error { return nil }

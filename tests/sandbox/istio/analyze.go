package istio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const analyzeTimeout = 2 * time.Minute

// Message is a finding of istioctl analyze.
type Message struct {
	// Code such as IST0101; https://istio.io/latest/docs/reference/config/analysis lists them.
	Code string `json:"code"`
	// Level is Error, Warning or Info.
	Level string `json:"level"`
	// Origin is the object it is about, for example "Gateway federated-risk/public".
	Origin string `json:"origin"`
	// Text says what is wrong.
	Text string `json:"message"`
}

// Analyze has istioctl judge the objects, with no cluster to look at: what they refer to must be among them.
func Analyze(ctx context.Context, settings Settings, objects []*unstructured.Unstructured) ([]Message, error) {
	ctx, cancel := context.WithTimeout(ctx, analyzeTimeout)
	defer cancel()
	dir, err := os.MkdirTemp(settings.Dir, "analyze-")
	if err != nil {
		return nil, fmt.Errorf("istioctl analyze: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "objects.yaml")
	if err := writeManifest(file, objects); err != nil {
		return nil, fmt.Errorf("istioctl analyze: %w", err)
	}
	command := exec.CommandContext(ctx, filepath.Join(settings.Bin, "istioctl"), "analyze", //nolint:gosec // the sandbox's own tool
		"--use-kube=false", "--all-namespaces", "--output", "json", "--color=false", file)
	command.Env = append(slices.Clip(settings.Environment), "HOME="+dir)
	var output, complaints bytes.Buffer
	command.Stdout, command.Stderr = &output, &complaints
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("istioctl analyze: %w\n%s", err, complaints.String())
	}
	// With this format a file that could not be read is no failure, and nothing in it was judged.
	if bytes.Contains(complaints.Bytes(), []byte("adding files")) {
		return nil, fmt.Errorf("istioctl analyze: %s", complaints.String())
	}
	var messages []Message
	if err := json.Unmarshal(output.Bytes(), &messages); err != nil {
		return nil, errors.Join(fmt.Errorf("istioctl analyze: its output is no list of messages: %w", err), errors.New(complaints.String()))
	}
	return messages, nil
}

func writeManifest(path string, objects []*unstructured.Unstructured) error {
	var manifest bytes.Buffer
	for _, object := range objects {
		content, err := yaml.Marshal(object.Object)
		if err != nil {
			return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
		manifest.WriteString("---\n")
		manifest.Write(content)
	}
	return os.WriteFile(path, manifest.Bytes(), 0o600)
}

package pluginserver

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver/calls"
)

// asPlugin makes the test binary act as a plugin, of the version that is its value.
const asPlugin = "PLUGINSERVER_TEST_VERSION"

func TestMain(m *testing.M) {
	if version := os.Getenv(asPlugin); version != "" {
		Main("slow", version, func(host *Host) plugin.Provider {
			ctx, cancel := context.WithCancel(context.Background())
			return &slowProvider{host: host, ctx: ctx, cancel: cancel}
		})
		return
	}
	os.Exit(m.Run())
}

// slowProvider takes until it is cancelled to create anything.
type slowProvider struct {
	plugin.UnimplementedProvider
	host   *Host
	ctx    context.Context
	cancel context.CancelFunc
}

func (p *slowProvider) SignalCancellation(context.Context) error {
	p.cancel()
	return nil
}

func (p *slowProvider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	p.host.LogStatus(ctx, diag.Info, req.URN, "creating")
	<-p.ctx.Done()
	return plugin.CreateResponse{}, fmt.Errorf("cancelled")
}

func (p *slowProvider) Diff(context.Context, plugin.DiffRequest) (plugin.DiffResponse, error) {
	return plugin.DiffResult{Changes: plugin.DiffSome, DetailedDiff: map[string]plugin.PropertyDiff{
		"spec.kept": {Kind: plugin.DiffUpdate}, "spec.also": {Kind: plugin.DiffAdd}, "lost": {Kind: plugin.DiffDeleteReplace},
	}}, nil
}

// engine records what plugins log.
type engine struct {
	pulumirpc.UnimplementedEngineServer
	messages chan string
	server   *grpc.Server
	address  string
}

func (e *engine) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.messages <- req.GetMessage()
	return &emptypb.Empty{}, nil
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	e := &engine{messages: make(chan string, 8), server: grpc.NewServer(), address: listener.Addr().String()}
	pulumirpc.RegisterEngineServer(e.server, e)
	go func() { _ = e.server.Serve(listener) }()
	t.Cleanup(e.server.Stop)
	return e
}

type process struct {
	*exec.Cmd
	client pulumirpc.ResourceProviderClient
	exited chan error
}

func startPlugin(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asPlugin+"=1.2.3")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{Cmd: cmd, exited: make(chan error, 1)}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	go func() { p.exited <- cmd.Wait() }()
	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(line), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	p.client = pulumirpc.NewResourceProviderClient(conn)
	return p
}

// createSlowly starts a Create and returns once the engine has seen it begin.
func createSlowly(t *testing.T, p *process, e *engine) <-chan error {
	t.Helper()
	urn := string(resource.NewURN("s", "p", "", "slow:index:Thing", "thing"))
	result := make(chan error, 1)
	go func() {
		_, err := p.client.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn})
		result <- err
	}()
	require.Equal(t, "creating", receive(t, e.messages))
	return result
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(20 * time.Second):
		require.FailNow(t, "timed out")
		panic("unreachable")
	}
}

func TestVersionAndDetailedDiff(t *testing.T) {
	p := startPlugin(t, startEngine(t).address)
	info, err := p.client.GetPluginInfo(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	assert.Equal(t, "1.2.3", info.GetVersion())

	urn := string(resource.NewURN("s", "p", "", "slow:index:Thing", "thing"))
	diff, err := p.client.Diff(t.Context(), &pulumirpc.DiffRequest{Urn: urn})
	require.NoError(t, err)
	assert.True(t, diff.GetHasDetailedDiff())
	assert.Equal(t, pulumirpc.PropertyDiff_UPDATE, diff.GetDetailedDiff()["spec.kept"].GetKind())
	assert.Equal(t, []string{"lost", "spec"}, diff.GetDiffs())
	assert.Equal(t, pulumirpc.PropertyDiff_DELETE_REPLACE, diff.GetDetailedDiff()["lost"].GetKind())
}

// The engine kills its plugins when it is done with them.
func TestCallsAreRecordedWhereTheEnvironmentAsksForIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls")
	t.Setenv(calls.Variable, file)
	e := startEngine(t)
	p := startPlugin(t, e.address)
	urn := string(resource.NewURN("s", "p", "", "slow:index:Thing", "thing"))
	_, err := p.client.Diff(t.Context(), &pulumirpc.DiffRequest{Urn: urn})
	require.NoError(t, err)
	result := createSlowly(t, p, e)
	for range 2 {
		_, err = p.client.Diff(t.Context(), &pulumirpc.DiffRequest{Urn: urn})
		require.NoError(t, err)
	}
	intervals, err := calls.Read(file)
	require.NoError(t, err)
	require.Len(t, intervals, 1, "the others are part of an interval that the Create keeps open")
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.Error(t, receive(t, result))
	require.NoError(t, receive(t, p.exited))
	intervals, err = calls.Read(file)
	require.NoError(t, err)
	require.Len(t, intervals, 2)
	assert.Equal(t, "slow", intervals[0].Plugin)
	assert.Equal(t, []int{1, 3}, []int{intervals[0].Calls, intervals[1].Calls})
	assert.GreaterOrEqual(t, intervals[1].CPU, intervals[0].CPU)
}

func TestSignalEndsCallsInProgress(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		e := startEngine(t)
		p := startPlugin(t, e.address)
		result := createSlowly(t, p, e)
		require.NoError(t, p.Process.Signal(signal))
		require.ErrorContains(t, receive(t, result), "cancelled")
		assert.NoError(t, receive(t, p.exited))
	}
}

func TestPluginEndsWithItsEngine(t *testing.T) {
	e := startEngine(t)
	p := startPlugin(t, e.address)
	result := createSlowly(t, p, e)
	e.server.Stop()
	require.ErrorContains(t, receive(t, result), "cancelled")
	assert.NoError(t, receive(t, p.exited))
}

func TestAttach(t *testing.T) {
	p := startPlugin(t)
	first, second := startEngine(t), startEngine(t)
	for _, e := range []*engine{first, second} {
		_, err := p.client.Attach(t.Context(), &pulumirpc.PluginAttach{Address: e.address})
		require.NoError(t, err)
	}
	first.server.Stop()
	createSlowly(t, p, second)
	time.Sleep(2 * engineCheckInterval)
	select {
	case <-p.exited:
		assert.Fail(t, "it ended with an engine that it is no longer attached to")
	default:
	}
	second.server.Stop()
	assert.NoError(t, receive(t, p.exited))
}

func TestVersionThatIsNone(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asPlugin+"=latest")
	output, err := cmd.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(output), `pulumi-resource-slow: the plugin was built with version "latest"`)
}

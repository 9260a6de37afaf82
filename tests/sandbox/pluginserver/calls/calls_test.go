package calls

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCallsThatOverlapAreOneInterval(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls")
	t.Setenv(Variable, file)
	before := time.Now()
	recorder, err := FromEnvironment("one")
	require.NoError(t, err)
	first := recorder.Begin()
	second := recorder.Begin()
	first()
	intervals, err := Read(file)
	require.NoError(t, err)
	require.Empty(t, intervals, "a call is still in progress")
	second()
	other, err := FromEnvironment("other")
	require.NoError(t, err)
	other.Begin()()
	recorder.Begin()()

	intervals, err = Read(file)
	require.NoError(t, err)
	require.Len(t, intervals, 3)
	for i, want := range []struct {
		plugin string
		calls  int
	}{{"one", 2}, {"other", 1}, {"one", 1}} {
		got := intervals[i]
		assert.Equal(t, want.plugin, got.Plugin)
		assert.Equal(t, want.calls, got.Calls)
		assert.False(t, got.Start.Before(before.Round(0)) || got.End.Before(got.Start) || got.End.After(time.Now()), got)
		assert.Positive(t, got.CPU)
	}
}

func TestNothingIsRecordedUnasked(t *testing.T) {
	t.Setenv(Variable, "")
	recorder, err := FromEnvironment("one")
	require.NoError(t, err)
	require.Nil(t, recorder)
	recorder.Begin()()
	intervals, err := Read(filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	assert.Empty(t, intervals)
}

func TestAFileThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Setenv(Variable, filepath.Join(t.TempDir(), "no", "folder"))
	_, err := FromEnvironment("one")
	assert.ErrorContains(t, err, "record the calls of plugin one")
}

func TestReadForgivesNoMoreThanAKill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls")
	require.NoError(t, os.WriteFile(file, []byte(`{"Plugin":"one","Calls":3}`+"\n"+`{"Plugin":"on`), 0o600))
	intervals, err := Read(file)
	require.NoError(t, err)
	require.Len(t, intervals, 1)
	assert.Equal(t, 3, intervals[0].Calls)
	require.NoError(t, os.WriteFile(file, []byte("{\n{}\n"), 0o600))
	_, err = Read(file)
	assert.ErrorContains(t, err, "line 1 of "+file)
}

func TestSumsOverPlugins(t *testing.T) {
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(plugin string, from, to, cpu int) Interval {
		second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
		return Interval{Plugin: plugin, Start: second(from), End: second(to), CPU: time.Duration(cpu) * time.Second}
	}
	intervals := []Interval{
		at("b", 20, 25, 9), at("a", 0, 10, 2), at("b", 5, 12, 4), at("a", 6, 8, 3), at("a", 12, 13, 5),
	}
	assert.Equal(t, 18*time.Second, Busy(intervals))
	assert.Equal(t, 14*time.Second, CPU(intervals))
	assert.Zero(t, Busy(nil))
	assert.Zero(t, CPU(nil))
}

package rules_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// equivalents are changes of a rule that no series can tell from the rule, by alert and change.
var equivalents = map[string]string{
	"ServiceDown: a sum by also by pod and state of the alert": "it is by pod already, and the agent has no other label than the type that is selected",
}

// mutant is an alert that is wrong in one place.
type mutant struct {
	change string
	alert  rule
	// records are the recording rules that it asks for, mutated or not.
	records []rule
}

// TestEveryPartOfAnAlertIsHeldByItsTests makes each alert wrong in one place at a time, as a later change might, and
// demands that a test of this alert fails.
func TestEveryPartOfAnAlertIsHeldByItsTests(t *testing.T) {
	program := promtool(t)
	groups := ruleGroups(t)
	stack := identify(t, groups)
	files := load(t, stack)
	moved := derive(files, movedElsewhere)
	unused := maps.Clone(equivalents)
	for _, alert := range alerts(groups) {
		about := func(c test) (test, bool) { name, _ := c.kind(); return c, name == alert.Alert }
		for _, mutant := range mutants(alert, asked(alert, records(groups)), stack.namespace) {
			name := alert.Alert + ": " + mutant.change
			if equivalents[name] != "" {
				delete(unused, name)
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				// The other namespace's recording rules are those before the change.
				dir := writeRules(t, []group{{Name: "right", Rules: asked(alert, records(groups))}}, stack.namespace)
				writeRulesFile(t, dir, append(slices.Clone(mutant.records), mutant.alert))
				for suffix, tests := range map[string]map[string]cases{"": derive(files, about), "-other-namespaces": derive(moved, about)} {
					for name, file := range tests {
						if suffix != "" {
							file.RuleFiles = []string{rulesFile, otherRulesFile}
						}
						if judge(t, program, dir, name+suffix, file) != "" {
							return
						}
					}
				}
				assert.Fail(t, "no test fails", "%s\n%v", mutant.alert.Expr, mutant.records)
			})
		}
	}
	assert.Empty(t, unused, "no alert can be changed like that any more: remove it")
}

// asked returns the records that the alert's expression names, and those that these name, in their order.
func asked(alert rule, records []rule) []rule {
	names := func(expression, series string) bool { return strings.Contains(expression, series+"{") }
	var needed []rule
	for _, record := range records {
		wanted := names(alert.Expr, record.Record) || slices.ContainsFunc(records, func(other rule) bool {
			return names(other.Expr, record.Record) && names(alert.Expr, other.Record)
		})
		if wanted {
			needed = append(needed, record)
		}
	}
	return needed
}

var (
	threshold = regexp.MustCompile(`(>=|<=|==|>|<) ([0-9]+(?:\.[0-9]+)?)`)
	sumBy     = regexp.MustCompile(`sum by \(([^)]*)\)`)
	selector  = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\{`)
)

func mutants(alert rule, records []rule, namespace string) []mutant {
	var mutants []mutant
	add := func(change string, mutated rule) {
		if mutated.Expr != alert.Expr || mutated.For != alert.For {
			mutants = append(mutants, mutant{change, mutated, records})
		}
	}
	for _, by := range []time.Duration{time.Minute, -time.Minute} {
		mutated := alert
		if wait, err := time.ParseDuration(alert.For); err == nil && wait+by >= 0 {
			mutated.For = (wait + by).String()
			add(fmt.Sprintf("for %+.0f minute", by.Minutes()), mutated)
		}
	}
	mutated := alert
	mutated.Expr = strings.ReplaceAll(alert.Expr, `namespace="`+namespace+`"`, `namespace=~".+"`)
	add("any namespace", mutated)
	for _, change := range expressions(alert.Expr) {
		mutated := alert
		mutated.Expr = change.expression
		add(change.name+" of the alert", mutated)
	}
	for i, record := range records {
		for _, change := range expressions(record.Expr) {
			changed := slices.Clone(records)
			changed[i].Expr = change.expression
			mutants = append(mutants, mutant{change.name + " of " + record.Record, alert, changed})
		}
	}
	return mutants
}

type change struct{ name, expression string }

// expressions are those that differ from the given one in a threshold, an aggregation or a name.
func expressions(original string) []change {
	var changes []change
	for _, at := range threshold.FindAllStringSubmatchIndex(original, -1) {
		operator, number := original[at[2]:at[3]], original[at[4]:at[5]]
		value, _ := strconv.ParseFloat(number, 64)
		for _, factor := range []float64{1.1, 0.9} {
			changed := strconv.FormatFloat(value*factor, 'g', -1, 64)
			if value == 0 {
				changed = "1"
				if operator != "==" || factor < 1 {
					// "> 0" keeps a division from having no result: NaN, which no threshold lets pass either.
					continue
				}
			}
			changes = append(changes, change{
				fmt.Sprintf("%s %s is %s %s", operator, number, operator, changed), original[:at[4]] + changed + original[at[5]:],
			})
		}
	}
	if changed := sumBy.ReplaceAllString(original, "sum by ($1, pod, state)"); changed != original {
		changes = append(changes, change{"a sum by also by pod and state", changed})
	}
	names := selector.FindAllString(original, -1)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		pattern := regexp.MustCompile(`\b` + regexp.QuoteMeta(name))
		changes = append(changes, change{"a typo in " + strings.TrimSuffix(name, "{"), pattern.ReplaceAllString(original, "typo_"+name)})
	}
	return changes
}

func writeRulesFile(t *testing.T, dir string, rules []rule) {
	t.Helper()
	require.NotEmpty(t, rules)
	writeJSON(t, dir+"/"+rulesFile, map[string]any{"groups": []group{{Name: "mutated", Rules: rules}}})
}

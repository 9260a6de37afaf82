package alertmanager

import "strings"

// Texts of the notifications, in Go's template language with Alertmanager's data and functions. The words of the runbook's
// notifications are kept. An annotation that an alert does not have leaves no trace.
const (
	isResolved = `eq .Status "resolved"`
	isCritical = `eq .CommonLabels.severity "critical"`

	slackColor   = `{{ if ` + isResolved + ` }}good{{ else if ` + isCritical + ` }}danger{{ else }}warning{{ end }}`
	slackPretext = `{{ if ` + isResolved + ` }}✅ 恢复通知{{ else if ` + isCritical + ` }}🚨 应急事件通知{{ else }}⚠️ 告警通知{{ end }}`

	// subject is such as "ServiceDown consent-service (federated-risk)"; a group has one of each, or none.
	subject = `{{ .CommonLabels.alertname }}{{ with .CommonLabels.job }} {{ . }}{{ end }}{{ with .CommonLabels.namespace }} ({{ . }}){{ end }}`

	mailSubject = `{{ if ` + isResolved + ` }}[恢复]{{ else if ` + isCritical + ` }}[紧急]{{ else }}[警告]{{ end }} ` + subject
)

// One paragraph for each alert of the group; those that have ended say so, as others may go on.
var (
	slackText = paragraphs("*", slackEscaped)
	mailText  = paragraphs("", func(field string) string { return field })
)

func paragraphs(strong string, escaped func(field string) string) string {
	line := func(before, field, after string) string {
		return `{{ with ` + field + ` }}` + before + `{{ ` + escaped(".") + ` }}` + after + "\n{{ end }}"
	}
	return `{{ range .Alerts }}{{ if ` + isResolved + ` }}[已恢复 / resolved] {{ end }}` +
		line(strong, ".Annotations.summary", strong) +
		line("", ".Annotations.summary_en", "") +
		line("", ".Annotations.description", "") +
		line("", ".Annotations.description_en", "") +
		"发生时间 / since: {{ .StartsAt.UTC.Format \"2006-01-02 15:04:05 UTC\" }}\n" +
		line("处理手册 / runbook: ", ".Annotations.runbook_url", "") +
		"\n{{ end }}"
}

// slackEscaped escapes the three characters that Slack reads as markup: a text must be able to say "> 5 %", and must not be
// able to address a whole channel.
func slackEscaped(field string) string {
	pipeline := []string{field}
	for _, replacement := range [][2]string{{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}} {
		pipeline = append(pipeline, `reReplaceAll "`+replacement[0]+`" "`+replacement[1]+`"`)
	}
	return strings.Join(pipeline, " | ")
}

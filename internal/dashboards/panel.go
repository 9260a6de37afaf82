package dashboards

import "strings"

// Units of Grafana. Source: npm package @grafana/data 13.2.0, valueFormats/categories.
const (
	unitCount             = "short"
	unitRatio             = "percentunit"
	unitSeconds           = "s"
	unitBytes             = "bytes"
	unitRequestsPerSecond = "reqps"
	unitPerSecond         = "ops"
)

const (
	good = "green"
	bad  = "red"
)

// about is what a panel says of itself.
type about struct {
	title, description, unit string
	// limit is where an alert fires; nil where none does.
	limit *limit
	// noValue stands where there are no samples, if that is not a fault.
	noValue string
}

// graph draws the queries over time.
func (p Platform) graph(about about, queries ...target) panel {
	drawn := p.panel("timeseries", about, queries)
	drawn.Options = graphOptions{
		Legend:  legend{ShowLegend: true, DisplayMode: "list", Placement: "bottom", Calcs: []string{}},
		Tooltip: tooltip{Mode: "multi", Sort: "desc"},
	}
	drawn.FieldConfig.Defaults.Color.Mode = "palette-classic"
	style := "off"
	if about.limit != nil {
		style = "dashed"
	}
	drawn.FieldConfig.Defaults.Custom = lines{
		LineWidth: 1, FillOpacity: 10, ShowPoints: "never", ThresholdsStyle: thresholdsStyle{Mode: style},
	}
	return drawn
}

// figure shows the last value of the query.
func (p Platform) figure(about about, query target) panel {
	shown := p.panel("stat", about, []target{query})
	shown.Options = figureOptions{
		ReduceOptions: reduceOptions{Calcs: []string{"lastNotNull"}},
		ColorMode:     "value", GraphMode: "area", TextMode: "auto", Orientation: "auto", JustifyMode: "auto",
	}
	return shown
}

func (p Platform) panel(kind string, about about, queries []target) panel {
	zero := 0.0
	made := panel{
		Type: kind, Title: about.title, Description: about.description, DataSource: prometheus, Targets: queries,
		FieldConfig: fieldConfig{
			Defaults: fieldDefaults{
				Unit: about.unit, Min: &zero, NoValue: about.noValue,
				Color: color{Mode: "thresholds"}, Thresholds: about.limit.thresholds(),
			},
			Overrides: []struct{}{},
		},
	}
	for i := range made.Targets {
		made.Targets[i].RefID = string(rune('A' + i))
	}
	if about.limit != nil && about.limit.alert != "" && p.RunbookURL != "" {
		made.Links = []link{linkTo(about.limit.alert, p.RunbookURL+"#"+strings.ToLower(about.limit.alert))}
	}
	return made
}

// query is a query over the time that the dashboard shows; the legend names labels in {{}}.
func query(legend, expr string) target {
	return target{DataSource: prometheus, Expr: expr, LegendFormat: legend, EditorMode: "code", Range: true}
}

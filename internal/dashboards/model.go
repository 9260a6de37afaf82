package dashboards

// schemaVersion is that of Grafana 13.2.0, which kube-prometheus-stack 88.5.3 brings (its grafana chart 12.11.1). Source of
// this and of the types here: npm package @grafana/schema 13.2.0, the generated types of dashboards, stat and timeseries.
const schemaVersion = 42

// sharedCrosshair shows the time under the pointer in every graph.
const sharedCrosshair = 1

// document is a dashboard as Grafana reads it from a file, as far as it is used here.
type document struct {
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	SchemaVersion int        `json:"schemaVersion"`
	Timezone      string     `json:"timezone"`
	GraphTooltip  int        `json:"graphTooltip"`
	Editable      bool       `json:"editable"`
	Refresh       string     `json:"refresh"`
	Time          timeRange  `json:"time"`
	Links         []link     `json:"links"`
	Templating    templating `json:"templating"`
	Panels        []panel    `json:"panels"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// link leads to a URL, or to every dashboard with all of the tags.
type link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Icon        string   `json:"icon"`
	URL         string   `json:"url"`
	Tooltip     string   `json:"tooltip"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	TargetBlank bool     `json:"targetBlank"`
}

type templating struct {
	List []variable `json:"list"`
}

type variable struct {
	Type    string        `json:"type"`
	Name    string        `json:"name"`
	Label   string        `json:"label"`
	Query   string        `json:"query"`
	Refresh int           `json:"refresh"`
	Current variableValue `json:"current"`
}

type variableValue struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// dataSourceVariable offers every Prometheus that Grafana knows, its default one first.
var dataSourceVariable = variable{
	Type: "datasource", Name: "datasource", Label: "Data source", Query: "prometheus", Refresh: 1,
	Current: variableValue{Text: "default", Value: "default"},
}

type dataSource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

var prometheus = dataSource{Type: "prometheus", UID: "${datasource}"}

// panel is a graph, a figure, or the head of a row of panels.
type panel struct {
	ID          int         `json:"id"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description,omitempty"`
	GridPos     gridPos     `json:"gridPos"`
	DataSource  dataSource  `json:"datasource,omitzero"`
	FieldConfig fieldConfig `json:"fieldConfig,omitzero"`
	Options     any         `json:"options,omitempty"`
	Targets     []target    `json:"targets,omitempty"`
	Links       []link      `json:"links,omitempty"`
	// Collapsed and Panels are a row's alone.
	Collapsed *bool   `json:"collapsed,omitempty"`
	Panels    []panel `json:"panels,omitzero"`
}

// gridPos is a place in a grid of 24 columns, from the upper left corner. A row of the grid is 30 pixels high.
type gridPos struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// target is a query.
type target struct {
	RefID        string     `json:"refId"`
	DataSource   dataSource `json:"datasource"`
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat"`
	EditorMode   string     `json:"editorMode"`
	Instant      bool       `json:"instant"`
	Range        bool       `json:"range"`
}

type fieldConfig struct {
	Defaults  fieldDefaults `json:"defaults"`
	Overrides []struct{}    `json:"overrides"`
}

type fieldDefaults struct {
	Unit       string     `json:"unit"`
	Min        *float64   `json:"min,omitempty"`
	NoValue    string     `json:"noValue,omitempty"`
	Color      color      `json:"color"`
	Thresholds thresholds `json:"thresholds"`
	Custom     lines      `json:"custom,omitzero"`
}

type color struct {
	Mode string `json:"mode"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step colours values from Value on; the first has none and begins at minus infinity.
type step struct {
	Value *float64 `json:"value"`
	Color string   `json:"color"`
}

// lines is how a graph draws.
type lines struct {
	LineWidth       int             `json:"lineWidth"`
	FillOpacity     int             `json:"fillOpacity"`
	ShowPoints      string          `json:"showPoints"`
	ThresholdsStyle thresholdsStyle `json:"thresholdsStyle"`
}

type thresholdsStyle struct {
	Mode string `json:"mode"`
}

type graphOptions struct {
	Legend  legend  `json:"legend"`
	Tooltip tooltip `json:"tooltip"`
}

type legend struct {
	ShowLegend  bool     `json:"showLegend"`
	DisplayMode string   `json:"displayMode"`
	Placement   string   `json:"placement"`
	Calcs       []string `json:"calcs"`
}

type tooltip struct {
	Mode string `json:"mode"`
	Sort string `json:"sort"`
}

type figureOptions struct {
	ReduceOptions reduceOptions `json:"reduceOptions"`
	ColorMode     string        `json:"colorMode"`
	GraphMode     string        `json:"graphMode"`
	TextMode      string        `json:"textMode"`
	Orientation   string        `json:"orientation"`
	JustifyMode   string        `json:"justifyMode"`
}

type reduceOptions struct {
	Calcs  []string `json:"calcs"`
	Fields string   `json:"fields"`
	Values bool     `json:"values"`
}

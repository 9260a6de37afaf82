package stacks

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
)

// certManagerAnnotations begin with this; cert-manager makes a certificate of its own for an Ingress that has them.
const certManagerAnnotations = "cert-manager.io/"

func (v validator) ingress(path keyPath, cfg *Config) {
	mode := path.key("mode")
	oneOf(v, mode, cfg.Ingress.Mode, IngressIstio, IngressKubernetes)
	v.istioIngress(path.key("istio"), cfg)
	controller := path.key("controller")
	switch cfg.Ingress.Mode {
	case IngressIstio:
		v.noController(controller, cfg.Ingress.Controller, mode)
	case IngressKubernetes:
		v.controller(controller, cfg)
		v.noCanaryOutsideTheMesh(cfg, mode, controller.key("inMesh"))
	}
}

// istioIngress checks what has defaults also where it is not used: a mode can be changed there and back.
func (v validator) istioIngress(path keyPath, cfg *Config) {
	istio := cfg.Ingress.Istio
	namespace := path.key("namespace")
	v.dnsLabel(namespace, istio.Namespace)
	if istio.Namespace == cfg.Namespace {
		v.add(namespace, istio.Namespace, "must differ from %s: the gateway outlives the stack, and other stacks may share it",
			keyPath{"namespace"})
	}
	v.objectName(path.key("serviceAccount"), istio.ServiceAccount, "ServiceAccount")
	selector := path.key("selector")
	if len(istio.Selector) == 0 {
		v.add(selector, nil, "must have a label of the gateway's pods: an empty selector means every proxy in the mesh")
	}
	for _, key := range slices.Sorted(maps.Keys(istio.Selector)) {
		value := istio.Selector[key]
		v.labelKey(selector.key(key), key)
		if value == "" || len(content.IsLabelValue(value)) > 0 {
			v.add(selector.key(key), value, `must be the value of a label: 1 to 63 letters, digits, "-", "_" and "."`)
		}
	}
}

func (v validator) noController(path keyPath, controller IngressController, mode keyPath) {
	for key, set := range map[string]bool{
		"class":          controller.Class != "",
		"annotations":    len(controller.Annotations) > 0,
		"namespace":      controller.Namespace != "",
		"cidrs":          len(controller.CIDRs) > 0,
		"inMesh":         controller.InMesh,
		"serviceAccount": controller.ServiceAccount != "",
	} {
		if set {
			v.add(path.key(key), nil, "must not be set unless %s is %s", mode, IngressKubernetes)
		}
	}
}

func (v validator) controller(path keyPath, cfg *Config) {
	controller := cfg.Ingress.Controller
	class, account := path.key("class"), path.key("serviceAccount")
	if controller.Class == "" {
		v.add(class, nil, "is not set: name the IngressClass of the controller (kubectl get ingressclass)")
	} else {
		v.objectName(class, controller.Class, "Kubernetes IngressClass")
	}
	v.annotations(path.key("annotations"), cfg)
	namespace, cidrs := path.key("namespace"), path.key("cidrs")
	switch {
	case controller.Namespace == "" && len(controller.CIDRs) == 0:
		v.add(namespace, nil, "is not set: name the namespace of the controller's pods, which alone reach the services, "+
			"or give %s where they are not pods of the cluster's own network", cidrs)
	case controller.Namespace != "" && len(controller.CIDRs) > 0:
		v.add(cidrs, nil, "must not be set together with %s: requests come from pods or from addresses", namespace)
	case controller.Namespace != "":
		v.dnsLabel(namespace, controller.Namespace)
	case controller.InMesh:
		v.add(cidrs, nil, "must not be set while %s is true: only pods have a sidecar, so set %s", path.key("inMesh"), namespace)
	}
	v.cidrs(cidrs, controller.CIDRs)
	switch {
	case controller.InMesh && controller.ServiceAccount == "":
		v.add(account, nil, "is not set: in the mesh, it is the identity that the services admit")
	case controller.InMesh:
		v.objectName(account, controller.ServiceAccount, "ServiceAccount")
	case controller.ServiceAccount != "":
		v.add(account, controller.ServiceAccount, "must not be set unless %s is true: outside the mesh it proves nothing", path.key("inMesh"))
	}
}

func (v validator) annotations(path keyPath, cfg *Config) {
	for _, key := range slices.Sorted(maps.Keys(cfg.Ingress.Controller.Annotations)) {
		switch {
		case !v.annotationKey(path.key(key), key):
		case cfg.TLS.Mode == TLSCertManager && strings.HasPrefix(key, certManagerAnnotations):
			v.add(path.key(key), nil, "must not be set while %s is %s: the program declares the Certificate, and this would make another",
				keyPath{"tls", "mode"}, TLSCertManager)
		}
	}
}

// annotationKey says whether key is one for an annotation, and adds a fault if not.
func (v validator) annotationKey(path keyPath, key string) bool {
	valid := len(content.IsLabelKey(strings.ToLower(key))) == 0
	if !valid {
		v.add(path, nil, badMetadataKey, "an annotation")
	}
	return valid
}

// labelKey adds a fault if key is none for a label.
func (v validator) labelKey(path keyPath, key string) {
	if len(content.IsLabelKey(key)) > 0 {
		v.add(path, nil, badMetadataKey, "a label")
	}
}

const badMetadataKey = `is no key for %s: use letters, digits, "-", "_" and ".", at most 63, ` +
	"after a DNS name and a slash if it has a prefix"

// noCanaryOutsideTheMesh: such a controller picks pods itself, so that neither weight nor header would hold for it.
func (v validator) noCanaryOutsideTheMesh(cfg *Config, mode, inMesh keyPath) {
	if cfg.Ingress.Controller.InMesh {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Services)) {
		if image := cfg.Services[name].Canary.Image; image != "" {
			v.add(keyPath{"services", name, "canary", "image"}, image,
				"must not be set: an Ingress controller outside the mesh ignores the weights; remove the canary, set %s to %s, "+
					"or give the controller's pods a sidecar and set %s to true", mode, IngressIstio, inMesh)
		}
	}
}

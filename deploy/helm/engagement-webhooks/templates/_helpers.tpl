{{- define "name" -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- define "config" -}}{{ .Values.config.existingConfigMap | default (include "name" .) }}{{- end -}}
{{- define "routes" -}}
{{- if .Values.routes.existingConfigMap }}{{ .Values.routes.existingConfigMap }}{{ else if .Values.routes.files }}{{ include "name" . }}-routes{{ end }}
{{- end -}}
{{- define "sqlite" -}}{{ if eq .Values.store.type "sqlite" }}yes{{ end }}{{- end -}}
{{- define "namespaces" -}}
{{- range . }}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ . }}
{{- end }}
{{- end -}}

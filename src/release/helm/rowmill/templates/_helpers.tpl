{{- define "rowmill.labels" -}}
{{ include "rowmill.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
{{- define "rowmill.selector" -}}
app.kubernetes.io/name: rowmill
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "rowmill.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "linden.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "linden.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "linden.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "linden.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "linden.selector" -}}
app.kubernetes.io/name: {{ include "linden.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "linden.labels" -}}
{{ include "linden.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "linden.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- /* The variables whose values are in the Secret, as JSON: what every server needs, and each channel's own. */ -}}
{{- define "linden.secretNames" -}}
{{- $twilio := list "TWILIO_ACCOUNT_SID" "TWILIO_AUTH_TOKEN" }}
{{- $of := dict
  "sms" $twilio
  "whatsapp" $twilio
  "telegram" (list "TELEGRAM_BOT_TOKEN" "TELEGRAM_SECRET_TOKEN")
  "slack" (list "SLACK_BOT_TOKEN" "SLACK_SIGNING_SECRET")
  "messenger" (list "FACEBOOK_PAGE_TOKEN" "FACEBOOK_APP_SECRET" "FACEBOOK_VERIFY_TOKEN") }}
{{- $names := list "LINDEN_STORE" "LINDEN_STORE_KEYS" "LINDEN_LOCKS" }}
{{- range .Values.channels }}
{{- $names = concat $names (get $of .) }}
{{- end }}
{{- uniq $names | toJson }}
{{- end }}

{{- /* Refuses what would start without a secret, in the open, or not at all; each fault is one line. */ -}}
{{- define "linden.check" -}}
{{- $v := .Values }}
{{- if not $v.image.repository }}
{{- fail "image.repository: where is the image that was built from deploy/Dockerfile?" }}
{{- end }}
{{- if not $v.secrets.existingSecret }}
{{- fail "secrets.existingSecret: name a Secret with the keys LINDEN_STORE, LINDEN_STORE_KEYS and LINDEN_LOCKS (README.md)" }}
{{- end }}
{{- if and (or (has "sms" $v.channels) (has "whatsapp" $v.channels)) (not $v.publicUrl) }}
{{- fail "publicUrl: sms and whatsapp need the public address, such as https://chat.example.org" }}
{{- end }}
{{- if $v.ingress.enabled }}
{{- if not $v.ingress.host }}
{{- fail "ingress.host: the public name, such as chat.example.org" }}
{{- end }}
{{- if not $v.ingress.tlsSecret }}
{{- fail "ingress.tlsSecret: there is no ingress without TLS; name the Secret with the certificate" }}
{{- end }}
{{- end }}
{{- if $v.networkPolicy.enabled }}
{{- range $list, $who := dict "ingressFrom" "the ingress controller is" "database.to" "the database is" "locks.to" "Redis is" }}
{{- $peers := $v.networkPolicy }}
{{- range splitList "." $list }}
{{- $peers = get $peers . }}
{{- end }}
{{- if not $peers }}
{{- fail (printf "networkPolicy.%s: say where %s (a list of NetworkPolicy peers), or set networkPolicy.enabled=false" $list $who) }}
{{- end }}
{{- end }}
{{- if and $v.metrics.serviceMonitor.enabled (not $v.networkPolicy.metricsFrom) }}
{{- fail "networkPolicy.metricsFrom: say where Prometheus is, or it cannot read the metrics" }}
{{- end }}
{{- end }}
{{- end }}

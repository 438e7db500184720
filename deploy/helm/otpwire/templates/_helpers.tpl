{{/* The name of everything: the release's, with the chart's where the release is called something else. */}}
{{- define "otpwire.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "otpwire.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "otpwire.labels" -}}
{{ include "otpwire.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "otpwire.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* A setting as a variable has it: lists with commas, and large numbers without an exponent. */}}
{{- define "otpwire.setting" -}}
{{- if kindIs "slice" . -}}
{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ int64 . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end }}

{{- define "otpwire.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      optional: {{ .optional }}
{{- end }}

{{/* The settings, of the server and of the migration alike. */}}
{{- define "otpwire.env" -}}
{{- $secret := .Values.existingSecret.name -}}
{{- $keys := .Values.existingSecret.keys -}}
- name: OTPWIRE_LISTEN
  value: 0.0.0.0:8080
- name: OTPWIRE_METRICS_LISTEN
  value: 0.0.0.0:9090
- name: OTPWIRE_PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: OTPWIRE_DRAIN_SECONDS
  value: {{ .Values.drainSeconds | quote }}
{{- range $name, $value := .Values.settings }}
- name: OTPWIRE_{{ upper $name }}
  value: {{ include "otpwire.setting" $value | quote }}
{{- end }}
{{ include "otpwire.secretVariable" (dict "name" "OTPWIRE_SECRET_KEY" "secret" $secret "key" $keys.secretKey "optional" false) }}
{{ include "otpwire.secretVariable" (dict "name" "OTPWIRE_DATABASE_URL" "secret" $secret "key" $keys.databaseUrl "optional" false) }}
{{- /* Without Redis, replicas would not hear of each other's messages: one may do without it. */}}
{{ include "otpwire.secretVariable" (dict "name" "OTPWIRE_REDIS_URL" "secret" $secret "key" $keys.redisUrl "optional" (le (int .Values.replicaCount) 1)) }}
{{ include "otpwire.secretVariable" (dict "name" "OTPWIRE_SMTP_URL" "secret" $secret "key" $keys.smtpUrl "optional" true) }}
{{ include "otpwire.secretVariable" (dict "name" "OTPWIRE_OTLP_HEADERS" "secret" $secret "key" $keys.otlpHeaders "optional" true) }}
{{ include "otpwire.secretVariable" (dict "name" "OTPWIRE_PREVIOUS_SECRET_KEYS" "secret" $secret "key" $keys.previousSecretKeys "optional" true) }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "otpwire.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "otpwire.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Where pods run, and what they mount: the same for the server and the migration. */}}
{{- define "otpwire.volumeMounts" -}}
- name: data
  mountPath: /data
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "otpwire.volumes" -}}
# The working folder of the image, which is read-only otherwise. Nothing in it is kept.
- name: data
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

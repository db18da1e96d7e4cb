{{- define "miaohui.labels" -}}
app.kubernetes.io/name: miaohui
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "miaohui.selector" -}}
app.kubernetes.io/name: miaohui
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "miaohui.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "miaohui.many" -}}
{{- if or .Values.database.url (and .Values.existingSecret .Values.redis.url) }}yes{{ end }}
{{- end }}

{{- define "miaohui.env" -}}
- { name: MIAOHUI_HOST, value: "0.0.0.0" }
- { name: MIAOHUI_PORT, value: "8000" }
- { name: MIAOHUI_DATA, value: /data }
- { name: MIAOHUI_ADMIN_HOST, value: "0.0.0.0" }
- { name: MIAOHUI_ADMIN_PORT, value: "8001" }
- { name: MIAOHUI_LOG_JSON, value: "true" }
- { name: MIAOHUI_DRAIN_SECONDS, value: "20" }
- { name: MIAOHUI_PUBLIC_URL, value: {{ .Values.publicUrl | quote }} }
{{- if .Values.ingress.enabled }}
- { name: MIAOHUI_TRUSTED_PROXIES, value: {{ .Values.ingress.trustedProxies | quote }} }
{{- end }}
{{- if .Values.monitoring.traceUrl }}
- { name: MIAOHUI_TRACE_URL, value: {{ .Values.monitoring.traceUrl | quote }} }
{{- end }}
{{- if include "miaohui.many" . }}
- { name: MIAOHUI_JOBS, value: {{ ternary "elsewhere" "here" (gt (int .Values.workers) 0) }} }
{{- end }}
{{- range $name, $value := .Values.settings }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{- define "miaohui.container" -}}
image: {{ include "miaohui.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- include "miaohui.env" . | nindent 2 }}
envFrom:
  - secretRef: { name: {{ .Values.existingSecret | default (printf "%s-miaohui" .Release.Name) }} }
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "miaohui.pod" -}}
terminationGracePeriodSeconds: 45
securityContext: { runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, seccompProfile: { type: RuntimeDefault } }
automountServiceAccountToken: false
{{- end }}

{{- define "miaohui.serving" -}}
- name: miaohui
  args: [serve]
  {{- include "miaohui.container" . | nindent 2 }}
  ports:
    - { name: http, containerPort: 8000 }
    - { name: admin, containerPort: 8001 }
  startupProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 2, failureThreshold: 60 }
  livenessProbe: { httpGet: { path: /healthz, port: admin }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
  readinessProbe: { httpGet: { path: /readyz, port: http }, periodSeconds: 5, timeoutSeconds: 5 }
  resources: {{- toYaml .Values.resources | nindent 4 }}
  volumeMounts:
    - { name: data, mountPath: /data }
    - { name: tmp, mountPath: /tmp }
{{- end }}

"""The fields of the operators' objects, and their types. Written by `make operator-schema`.

A type is `text`, `number`, `flag`, `any`, `secret` (a key of a Secret), `secret-or-configmap`, a list of a type, a
mapping of names to types (`*` stands for any name, `=` has the values of an enumeration), or the name of one of `TYPES`
after `#`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# fmt: off
TYPES: Mapping[str, Any] = {
 "action": {
  "=": [
   "replace",
   "Replace",
   "keep",
   "Keep",
   "drop",
   "Drop",
   "hashmod",
   "HashMod",
   "labelmap",
   "LabelMap",
   "labeldrop",
   "LabelDrop",
   "labelkeep",
   "LabelKeep",
   "lowercase",
   "Lowercase",
   "uppercase",
   "Uppercase",
   "keepequal",
   "KeepEqual",
   "dropequal",
   "DropEqual"
  ]
 },
 "actions": ["#actions2"],
 "actions2": {"msg": "text", "text": "text", "url": "text"},
 "actions3": ["#actions4"],
 "actions4": {
  "confirm": "#confirm",
  "name": "text",
  "style": "text",
  "text": "text",
  "type": "text",
  "url": "text",
  "value": "text"
 },
 "authorization": {"credentials": "secret", "type": "text"},
 "basicAuth": {"password": "secret", "username": "secret"},
 "confirm": {"dismissText": "text", "okText": "text", "text": "text", "title": "text"},
 "daysOfMonth": ["#daysOfMonth2"],
 "daysOfMonth2": {"end": "number", "start": "number"},
 "envFrom": {"configMapKeyRef": "secret", "secretKeyRef": "secret"},
 "fallbackScrapeProtocol": {
  "=": [
   "PrometheusProto",
   "OpenMetricsText0.0.1",
   "OpenMetricsText1.0.0",
   "PrometheusText0.0.4",
   "PrometheusText1.0.0"
  ]
 },
 "fields": ["#fields2"],
 "fields2": {"short": "flag", "title": "text", "value": "text"},
 "fields3": ["#fields4"],
 "fields4": {"short": "flag", "title": "text", "value": "text"},
 "filters": ["#filters2"],
 "filters2": {"name": "text", "values": ["text"]},
 "headers": ["#headers2"],
 "headers2": {"key": "text", "value": "text"},
 "httpConfig": {
  "authorization": "#authorization",
  "basicAuth": "#basicAuth",
  "bearerTokenSecret": "secret",
  "enableHttp2": "flag",
  "followRedirects": "flag",
  "noProxy": "text",
  "oauth2": "#oauth2",
  "proxyConnectHeader": "#proxyConnectHeader",
  "proxyFromEnvironment": "flag",
  "proxyURL": "text",
  "proxyUrl": "text",
  "tlsConfig": "#tlsConfig"
 },
 "httpConfig2": {
  "authorization": "#authorization",
  "basicAuth": "#basicAuth",
  "bearerTokenSecret": "secret",
  "enableHttp2": "flag",
  "followRedirects": "flag",
  "noProxy": "text",
  "oauth2": "#oauth2",
  "proxyConnectHeader": "#proxyConnectHeader",
  "proxyFromEnvironment": "flag",
  "proxyURL": "text",
  "proxyUrl": "text",
  "tlsConfig": "#tlsConfig"
 },
 "instanceSelector": {"matchExpressions": "#matchExpressions", "matchLabels": {"*": "text"}},
 "labels": {"*": "text"},
 "matchExpressions": ["#matchExpressions2"],
 "matchExpressions2": {"key": "text", "operator": "text", "values": ["text"]},
 "metadata": {"annotations": {"*": "text"}, "labels": "#labels", "name": "text", "namespace": "text"},
 "metricRelabelings": ["#metricRelabelings2"],
 "metricRelabelings2": {
  "action": "#action",
  "modulus": "number",
  "regex": "text",
  "replacement": "text",
  "separator": "text",
  "sourceLabels": ["text"],
  "targetLabel": "text"
 },
 "metricRelabelings3": ["#metricRelabelings2"],
 "months": ["text"],
 "muteTimeIntervals": ["#muteTimeIntervals2"],
 "muteTimeIntervals2": {"name": "text", "timeIntervals": "#timeIntervals"},
 "namespaceSelector": {"any": "flag", "matchNames": ["text"]},
 "oauth2": {
  "clientId": "secret-or-configmap",
  "clientSecret": "secret",
  "endpointParams": {"*": "text"},
  "noProxy": "text",
  "proxyConnectHeader": "#proxyConnectHeader",
  "proxyFromEnvironment": "flag",
  "proxyUrl": "text",
  "scopes": ["text"],
  "tlsConfig": "#tlsConfig",
  "tokenUrl": "text"
 },
 "pagerDutyImageConfigs": ["#pagerDutyImageConfigs2"],
 "pagerDutyImageConfigs2": {"alt": "text", "href": "text", "src": "text"},
 "pagerDutyLinkConfigs": ["#pagerDutyLinkConfigs2"],
 "pagerDutyLinkConfigs2": {"alt": "text", "href": "text"},
 "proxyConnectHeader": {"*": "#proxyConnectHeader2"},
 "proxyConnectHeader2": ["secret"],
 "responders": ["#responders2"],
 "responders2": {
  "id": "text",
  "name": "text",
  "type": {"=": ["team", "teams", "user", "escalation", "schedule"]},
  "username": "text"
 },
 "scrapeProtocols": ["#fallbackScrapeProtocol"],
 "sigv4": {
  "accessKey": "secret",
  "externalId": "text",
  "profile": "text",
  "region": "text",
  "roleArn": "text",
  "secretKey": "secret",
  "useFIPSSTSEndpoint": "flag"
 },
 "sourceMatch": ["#sourceMatch2"],
 "sourceMatch2": {"matchType": {"=": ["!=", "=", "=~", "!~"]}, "name": "text", "regex": "flag", "value": "text"},
 "sourceMatch3": ["#sourceMatch4"],
 "sourceMatch4": {"matchType": {"=": ["!=", "=", "=~", "!~"]}, "name": "text", "value": "text"},
 "threading": {"threadByDate": {"=": ["Daily", "None"]}},
 "timeIntervals": ["#timeIntervals2"],
 "timeIntervals2": {
  "daysOfMonth": "#daysOfMonth",
  "months": "#months",
  "times": "#times",
  "weekdays": "#weekdays",
  "years": ["text"]
 },
 "times": ["#times2"],
 "times2": {"endTime": "text", "startTime": "text"},
 "tlsConfig": {
  "ca": "secret-or-configmap",
  "cert": "secret-or-configmap",
  "insecureSkipVerify": "flag",
  "keySecret": "secret",
  "maxVersion": {"=": ["TLS10", "TLS11", "TLS12", "TLS13"]},
  "minVersion": {"=": ["TLS10", "TLS11", "TLS12", "TLS13"]},
  "serverName": "text"
 },
 "weekdays": ["text"]
}

KINDS: Mapping[str, Any] = {
 "grafana.integreatly.org/v1beta1/GrafanaDashboard": {
  "allowCrossNamespaceImport": "flag",
  "configMapRef": "secret",
  "contentCacheDuration": "text",
  "datasources": [{"datasourceName": "text", "inputName": "text"}],
  "envFrom": ["#envFrom"],
  "envs": [{"name": "text", "value": "text", "valueFrom": "#envFrom"}],
  "folder": "text",
  "folderRef": "text",
  "folderUID": "text",
  "grafanaCom": {"id": "number", "revision": "number"},
  "gzipJson": "text",
  "instanceSelector": "#instanceSelector",
  "json": "text",
  "jsonnet": "text",
  "jsonnetLib": {"fileName": "text", "gzipJsonnetProject": "text", "jPath": ["text"]},
  "oci": {
   "insecurePlainHTTP": "flag",
   "path": "text",
   "pullSecretRef": {"name": "text"},
   "reference": "text"
  },
  "plugins": [{"name": "text", "version": "text"}],
  "resyncPeriod": "text",
  "suspend": "flag",
  "uid": "text",
  "url": "text",
  "urlAuthorization": {"basicAuth": "#basicAuth"}
 },
 "monitoring.coreos.com/v1/PodMonitor": {
  "attachMetadata": {"node": "flag"},
  "bodySizeLimit": "text",
  "convertClassicHistogramsToNHCB": "flag",
  "fallbackScrapeProtocol": "#fallbackScrapeProtocol",
  "jobLabel": "text",
  "keepDroppedTargets": "number",
  "labelLimit": "number",
  "labelNameLengthLimit": "number",
  "labelValueLengthLimit": "number",
  "namespaceSelector": "#namespaceSelector",
  "nativeHistogramBucketLimit": "number",
  "nativeHistogramMinBucketFactor": "any",
  "podMetricsEndpoints": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "bearerTokenSecret": "secret",
    "enableHttp2": "flag",
    "filterRunning": "flag",
    "followRedirects": "flag",
    "honorLabels": "flag",
    "honorTimestamps": "flag",
    "interval": "text",
    "metricRelabelings": "#metricRelabelings",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "params": {"*": ["text"]},
    "path": "text",
    "port": "text",
    "portNumber": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "relabelings": "#metricRelabelings",
    "scheme": {"=": ["http", "https", "HTTP", "HTTPS"]},
    "scrapeTimeout": "text",
    "targetPort": "any",
    "tlsConfig": "#tlsConfig",
    "trackTimestampsStaleness": "flag"
   }
  ],
  "podTargetLabels": ["text"],
  "sampleLimit": "number",
  "scrapeClass": "text",
  "scrapeClassicHistograms": "flag",
  "scrapeNativeHistograms": "flag",
  "scrapeProtocols": "#scrapeProtocols",
  "selector": "#instanceSelector",
  "selectorMechanism": {"=": ["RelabelConfig", "RoleSelector"]},
  "targetLimit": "number"
 },
 "monitoring.coreos.com/v1/Probe": {
  "authorization": "#authorization",
  "basicAuth": "#basicAuth",
  "bearerTokenSecret": "secret",
  "convertClassicHistogramsToNHCB": "flag",
  "enableHttp2": "flag",
  "fallbackScrapeProtocol": "#fallbackScrapeProtocol",
  "followRedirects": "flag",
  "interval": "text",
  "jobName": "text",
  "keepDroppedTargets": "number",
  "labelLimit": "number",
  "labelNameLengthLimit": "number",
  "labelValueLengthLimit": "number",
  "metricRelabelings": "#metricRelabelings",
  "module": "text",
  "nativeHistogramBucketLimit": "number",
  "nativeHistogramMinBucketFactor": "any",
  "oauth2": "#oauth2",
  "params": [{"name": "text", "values": ["text"]}],
  "prober": {
   "noProxy": "text",
   "path": "text",
   "proxyConnectHeader": "#proxyConnectHeader",
   "proxyFromEnvironment": "flag",
   "proxyUrl": "text",
   "scheme": {"=": ["http", "https", "HTTP", "HTTPS"]},
   "url": "text"
  },
  "sampleLimit": "number",
  "scrapeClass": "text",
  "scrapeClassicHistograms": "flag",
  "scrapeNativeHistograms": "flag",
  "scrapeProtocols": "#scrapeProtocols",
  "scrapeTimeout": "text",
  "targetLimit": "number",
  "targets": {
   "ingress": {
    "namespaceSelector": "#namespaceSelector",
    "relabelingConfigs": "#metricRelabelings",
    "selector": "#instanceSelector"
   },
   "staticConfig": {"labels": {"*": "text"}, "relabelingConfigs": "#metricRelabelings", "static": ["text"]}
  },
  "tlsConfig": "#tlsConfig"
 },
 "monitoring.coreos.com/v1/PrometheusRule": {
  "groups": [
   {
    "interval": "text",
    "labels": {"*": "text"},
    "limit": "number",
    "name": "text",
    "partial_response_strategy": "text",
    "query_offset": "text",
    "rules": [
     {
      "alert": "text",
      "annotations": {"*": "text"},
      "expr": "any",
      "for": "text",
      "keep_firing_for": "text",
      "labels": {"*": "text"},
      "record": "text"
     }
    ]
   }
  ]
 },
 "monitoring.coreos.com/v1/ServiceMonitor": {
  "attachMetadata": {"node": "flag"},
  "bodySizeLimit": "text",
  "convertClassicHistogramsToNHCB": "flag",
  "endpoints": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "bearerTokenFile": "text",
    "bearerTokenSecret": "secret",
    "enableHttp2": "flag",
    "filterRunning": "flag",
    "followRedirects": "flag",
    "honorLabels": "flag",
    "honorTimestamps": "flag",
    "interval": "text",
    "metricRelabelings": "#metricRelabelings",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "params": {"*": ["text"]},
    "path": "text",
    "port": "text",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "relabelings": "#metricRelabelings",
    "scheme": {"=": ["http", "https", "HTTP", "HTTPS"]},
    "scrapeTimeout": "text",
    "targetPort": "any",
    "tlsConfig": {
     "ca": "secret-or-configmap",
     "caFile": "text",
     "cert": "secret-or-configmap",
     "certFile": "text",
     "insecureSkipVerify": "flag",
     "keyFile": "text",
     "keySecret": "secret",
     "maxVersion": {"=": ["TLS10", "TLS11", "TLS12", "TLS13"]},
     "minVersion": {"=": ["TLS10", "TLS11", "TLS12", "TLS13"]},
     "serverName": "text"
    },
    "trackTimestampsStaleness": "flag"
   }
  ],
  "fallbackScrapeProtocol": "#fallbackScrapeProtocol",
  "jobLabel": "text",
  "keepDroppedTargets": "number",
  "labelLimit": "number",
  "labelNameLengthLimit": "number",
  "labelValueLengthLimit": "number",
  "namespaceSelector": "#namespaceSelector",
  "nativeHistogramBucketLimit": "number",
  "nativeHistogramMinBucketFactor": "any",
  "podTargetLabels": ["text"],
  "sampleLimit": "number",
  "scrapeClass": "text",
  "scrapeClassicHistograms": "flag",
  "scrapeNativeHistograms": "flag",
  "scrapeProtocols": "#scrapeProtocols",
  "selector": "#instanceSelector",
  "selectorMechanism": {"=": ["RelabelConfig", "RoleSelector"]},
  "serviceDiscoveryRole": {"=": ["Endpoints", "EndpointSlice"]},
  "targetLabels": ["text"],
  "targetLimit": "number"
 },
 "monitoring.coreos.com/v1alpha1/AlertmanagerConfig": {
  "inhibitRules": [{"equal": ["text"], "sourceMatch": "#sourceMatch", "targetMatch": "#sourceMatch"}],
  "muteTimeIntervals": "#muteTimeIntervals",
  "receivers": [
   {
    "discordConfigs": [
     {
      "apiURL": "secret",
      "avatarURL": "text",
      "content": "text",
      "httpConfig": "#httpConfig",
      "message": "text",
      "sendResolved": "flag",
      "title": "text",
      "username": "text"
     }
    ],
    "emailConfigs": [
     {
      "authIdentity": "text",
      "authPassword": "secret",
      "authSecret": "secret",
      "authUsername": "text",
      "forceImplicitTLS": "flag",
      "from": "text",
      "headers": "#headers",
      "hello": "text",
      "html": "text",
      "requireTLS": "flag",
      "sendResolved": "flag",
      "smarthost": "text",
      "text": "text",
      "threading": "#threading",
      "tlsConfig": "#tlsConfig",
      "to": "text"
     }
    ],
    "msteamsConfigs": [
     {
      "httpConfig": "#httpConfig",
      "sendResolved": "flag",
      "summary": "text",
      "text": "text",
      "title": "text",
      "webhookUrl": "secret"
     }
    ],
    "msteamsv2Configs": [
     {
      "httpConfig": "#httpConfig",
      "sendResolved": "flag",
      "text": "text",
      "title": "text",
      "webhookURL": "secret"
     }
    ],
    "name": "text",
    "opsgenieConfigs": [
     {
      "actions": "text",
      "apiKey": "secret",
      "apiURL": "text",
      "description": "text",
      "details": "#headers",
      "entity": "text",
      "httpConfig": "#httpConfig",
      "message": "text",
      "note": "text",
      "priority": "text",
      "responders": "#responders",
      "sendResolved": "flag",
      "source": "text",
      "tags": "text",
      "updateAlerts": "flag"
     }
    ],
    "pagerdutyConfigs": [
     {
      "class": "text",
      "client": "text",
      "clientURL": "text",
      "component": "text",
      "description": "text",
      "details": "#headers",
      "group": "text",
      "httpConfig": "#httpConfig",
      "pagerDutyImageConfigs": "#pagerDutyImageConfigs",
      "pagerDutyLinkConfigs": "#pagerDutyLinkConfigs",
      "routingKey": "secret",
      "sendResolved": "flag",
      "serviceKey": "secret",
      "severity": "text",
      "source": "text",
      "timeout": "text",
      "url": "text"
     }
    ],
    "pushoverConfigs": [
     {
      "device": "text",
      "expire": "text",
      "html": "flag",
      "httpConfig": "#httpConfig",
      "message": "text",
      "monospace": "flag",
      "priority": "text",
      "retry": "text",
      "sendResolved": "flag",
      "sound": "text",
      "title": "text",
      "token": "secret",
      "tokenFile": "text",
      "ttl": "text",
      "url": "text",
      "urlTitle": "text",
      "userKey": "secret",
      "userKeyFile": "text"
     }
    ],
    "rocketchatConfigs": [
     {
      "actions": "#actions",
      "apiURL": "text",
      "channel": "text",
      "color": "text",
      "emoji": "text",
      "fields": "#fields",
      "httpConfig": "#httpConfig",
      "iconURL": "text",
      "imageURL": "text",
      "linkNames": "flag",
      "sendResolved": "flag",
      "shortFields": "flag",
      "text": "text",
      "thumbURL": "text",
      "title": "text",
      "titleLink": "text",
      "token": "secret",
      "tokenID": "secret"
     }
    ],
    "slackConfigs": [
     {
      "actions": "#actions3",
      "apiURL": "secret",
      "callbackId": "text",
      "channel": "text",
      "color": "text",
      "fallback": "text",
      "fields": "#fields3",
      "footer": "text",
      "httpConfig": "#httpConfig",
      "iconEmoji": "text",
      "iconURL": "text",
      "imageURL": "text",
      "linkNames": "flag",
      "messageText": "text",
      "mrkdwnIn": ["text"],
      "pretext": "text",
      "sendResolved": "flag",
      "shortFields": "flag",
      "text": "text",
      "thumbURL": "text",
      "timeout": "text",
      "title": "text",
      "titleLink": "text",
      "updateMessage": "flag",
      "username": "text"
     }
    ],
    "snsConfigs": [
     {
      "apiURL": "text",
      "attributes": {"*": "text"},
      "httpConfig": "#httpConfig",
      "message": "text",
      "phoneNumber": "text",
      "sendResolved": "flag",
      "sigv4": "#sigv4",
      "subject": "text",
      "targetARN": "text",
      "topicARN": "text",
      "useAWSHTTPClient": "flag"
     }
    ],
    "telegramConfigs": [
     {
      "apiURL": "text",
      "botToken": "secret",
      "botTokenFile": "text",
      "chatID": "number",
      "disableNotifications": "flag",
      "httpConfig": "#httpConfig",
      "message": "text",
      "messageThreadID": "number",
      "parseMode": {"=": ["MarkdownV2", "Markdown", "HTML"]},
      "sendResolved": "flag"
     }
    ],
    "victoropsConfigs": [
     {
      "apiKey": "secret",
      "apiUrl": "text",
      "customFields": "#headers",
      "entityDisplayName": "text",
      "httpConfig": "#httpConfig",
      "messageType": "text",
      "monitoringTool": "text",
      "routingKey": "text",
      "sendResolved": "flag",
      "stateMessage": "text"
     }
    ],
    "webexConfigs": [
     {
      "apiURL": "text",
      "httpConfig": "#httpConfig",
      "message": "text",
      "roomID": "text",
      "sendResolved": "flag"
     }
    ],
    "webhookConfigs": [
     {
      "httpConfig": "#httpConfig",
      "maxAlerts": "number",
      "payload": "text",
      "sendResolved": "flag",
      "timeout": "text",
      "url": "text",
      "urlSecret": "secret"
     }
    ],
    "wechatConfigs": [
     {
      "agentID": "text",
      "apiSecret": "secret",
      "apiURL": "text",
      "corpID": "text",
      "httpConfig": "#httpConfig",
      "message": "text",
      "messageType": "text",
      "sendResolved": "flag",
      "toParty": "text",
      "toTag": "text",
      "toUser": "text"
     }
    ]
   }
  ],
  "route": {
   "activeTimeIntervals": ["text"],
   "continue": "flag",
   "groupBy": ["text"],
   "groupInterval": "text",
   "groupWait": "text",
   "matchers": "#sourceMatch",
   "muteTimeIntervals": ["text"],
   "receiver": "text",
   "repeatInterval": "text",
   "routes": ["any"]
  }
 },
 "monitoring.coreos.com/v1alpha1/ScrapeConfig": {
  "authorization": "#authorization",
  "azureSDConfigs": [
   {
    "authenticationMethod": {"=": ["OAuth", "ManagedIdentity", "SDK", "WorkloadIdentity"]},
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "clientID": "text",
    "clientSecret": "secret",
    "enableHTTP2": "flag",
    "environment": "text",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "resourceGroup": "text",
    "subscriptionID": "text",
    "tenantID": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "basicAuth": "#basicAuth",
  "bodySizeLimit": "text",
  "consulSDConfigs": [
   {
    "allowStale": "flag",
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "datacenter": "text",
    "enableHTTP2": "flag",
    "filter": "text",
    "followRedirects": "flag",
    "healthFilter": "text",
    "namespace": "text",
    "noProxy": "text",
    "nodeMeta": {"*": "text"},
    "oauth2": "#oauth2",
    "partition": "text",
    "pathPrefix": "text",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "scheme": {"=": ["http", "https", "HTTP", "HTTPS"]},
    "server": "text",
    "services": ["text"],
    "tagSeparator": "text",
    "tags": ["text"],
    "tlsConfig": "#tlsConfig",
    "tokenRef": "secret"
   }
  ],
  "convertClassicHistogramsToNHCB": "flag",
  "digitalOceanSDConfigs": [
   {
    "authorization": "#authorization",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "dnsSDConfigs": [
   {
    "names": ["text"],
    "port": "number",
    "refreshInterval": "text",
    "type": {"=": ["A", "AAAA", "MX", "NS", "SRV"]}
   }
  ],
  "dockerSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "filters": "#filters",
    "followRedirects": "flag",
    "host": "text",
    "hostNetworkingHost": "text",
    "matchFirstNetwork": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "dockerSwarmSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "filters": "#filters",
    "followRedirects": "flag",
    "host": "text",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "role": {"=": ["Services", "Tasks", "Nodes"]},
    "tlsConfig": "#tlsConfig"
   }
  ],
  "ec2SDConfigs": [
   {
    "accessKey": "secret",
    "enableHTTP2": "flag",
    "filters": "#filters",
    "followRedirects": "flag",
    "noProxy": "text",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "region": "text",
    "roleARN": "text",
    "secretKey": "secret",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "enableCompression": "flag",
  "enableHTTP2": "flag",
  "eurekaSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "server": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "fallbackScrapeProtocol": "#fallbackScrapeProtocol",
  "fileSDConfigs": [{"files": ["text"], "refreshInterval": "text"}],
  "gceSDConfigs": [
   {
    "filter": "text",
    "port": "number",
    "project": "text",
    "refreshInterval": "text",
    "tagSeparator": "text",
    "zone": "text"
   }
  ],
  "hetznerSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "labelSelector": "text",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "role": {"=": ["hcloud", "Hcloud", "robot", "Robot"]},
    "tlsConfig": "#tlsConfig"
   }
  ],
  "honorLabels": "flag",
  "honorTimestamps": "flag",
  "httpSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "tlsConfig": "#tlsConfig",
    "url": "text"
   }
  ],
  "ionosSDConfigs": [
   {
    "authorization": "#authorization",
    "datacenterID": "text",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "jobName": "text",
  "keepDroppedTargets": "number",
  "kubernetesSDConfigs": [
   {
    "apiServer": "text",
    "attachMetadata": {"node": "flag"},
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "namespaces": {"names": ["text"], "ownNamespace": "flag"},
    "noProxy": "text",
    "oauth2": "#oauth2",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "role": {"=": ["Pod", "Endpoints", "Ingress", "Service", "Node", "EndpointSlice"]},
    "selectors": [
     {
      "field": "text",
      "label": "text",
      "role": {"=": ["Pod", "Endpoints", "Ingress", "Service", "Node", "EndpointSlice"]}
     }
    ],
    "tlsConfig": "#tlsConfig"
   }
  ],
  "kumaSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "clientID": "text",
    "enableHTTP2": "flag",
    "fetchTimeout": "text",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "server": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "labelLimit": "number",
  "labelNameLengthLimit": "number",
  "labelValueLengthLimit": "number",
  "lightSailSDConfigs": [
   {
    "accessKey": "secret",
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "endpoint": "text",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "region": "text",
    "roleARN": "text",
    "secretKey": "secret",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "linodeSDConfigs": [
   {
    "authorization": "#authorization",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "region": "text",
    "tagSeparator": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "metricRelabelings": "#metricRelabelings3",
  "metricsPath": "text",
  "nameEscapingScheme": {"=": ["AllowUTF8", "Underscores", "Dots", "Values"]},
  "nameValidationScheme": {"=": ["UTF8", "Legacy"]},
  "nativeHistogramBucketLimit": "number",
  "nativeHistogramMinBucketFactor": "any",
  "noProxy": "text",
  "nomadSDConfigs": [
   {
    "allowStale": "flag",
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "namespace": "text",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "region": "text",
    "server": "text",
    "tagSeparator": "text",
    "tlsConfig": "#tlsConfig"
   }
  ],
  "oauth2": "#oauth2",
  "openstackSDConfigs": [
   {
    "allTenants": "flag",
    "applicationCredentialId": "text",
    "applicationCredentialName": "text",
    "applicationCredentialSecret": "secret",
    "availability": {"=": ["Public", "public", "Admin", "admin", "Internal", "internal"]},
    "domainID": "text",
    "domainName": "text",
    "identityEndpoint": "text",
    "password": "secret",
    "port": "number",
    "projectID": "text",
    "projectName": "text",
    "refreshInterval": "text",
    "region": "text",
    "role": {"=": ["Instance", "Hypervisor", "LoadBalancer"]},
    "tlsConfig": "#tlsConfig",
    "userid": "text",
    "username": "text"
   }
  ],
  "ovhcloudSDConfigs": [
   {
    "applicationKey": "text",
    "applicationSecret": "secret",
    "consumerKey": "secret",
    "endpoint": "text",
    "refreshInterval": "text",
    "service": {"=": ["VPS", "DedicatedServer"]}
   }
  ],
  "params": {"*": ["text"]},
  "proxyConnectHeader": "#proxyConnectHeader",
  "proxyFromEnvironment": "flag",
  "proxyUrl": "text",
  "puppetDBSDConfigs": [
   {
    "authorization": "#authorization",
    "basicAuth": "#basicAuth",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "includeParameters": "flag",
    "noProxy": "text",
    "oauth2": "#oauth2",
    "port": "number",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "query": "text",
    "refreshInterval": "text",
    "tlsConfig": "#tlsConfig",
    "url": "text"
   }
  ],
  "relabelings": "#metricRelabelings3",
  "sampleLimit": "number",
  "scalewaySDConfigs": [
   {
    "accessKey": "text",
    "apiURL": "text",
    "enableHTTP2": "flag",
    "followRedirects": "flag",
    "nameFilter": "text",
    "noProxy": "text",
    "port": "number",
    "projectID": "text",
    "proxyConnectHeader": "#proxyConnectHeader",
    "proxyFromEnvironment": "flag",
    "proxyUrl": "text",
    "refreshInterval": "text",
    "role": {"=": ["Instance", "Baremetal"]},
    "secretKey": "secret",
    "tagsFilter": ["text"],
    "tlsConfig": "#tlsConfig",
    "zone": "text"
   }
  ],
  "scheme": {"=": ["http", "https", "HTTP", "HTTPS"]},
  "scrapeClass": "text",
  "scrapeClassicHistograms": "flag",
  "scrapeInterval": "text",
  "scrapeNativeHistograms": "flag",
  "scrapeProtocols": ["#fallbackScrapeProtocol"],
  "scrapeTimeout": "text",
  "staticConfigs": [{"labels": {"*": "text"}, "targets": ["text"]}],
  "targetLimit": "number",
  "tlsConfig": "#tlsConfig",
  "trackTimestampsStaleness": "flag"
 },
 "monitoring.coreos.com/v1beta1/AlertmanagerConfig": {
  "inhibitRules": [{"equal": ["text"], "sourceMatch": "#sourceMatch3", "targetMatch": "#sourceMatch3"}],
  "receivers": [
   {
    "discordConfigs": [
     {
      "apiURL": "secret",
      "avatarURL": "text",
      "content": "text",
      "httpConfig": "#httpConfig2",
      "message": "text",
      "sendResolved": "flag",
      "title": "text",
      "username": "text"
     }
    ],
    "emailConfigs": [
     {
      "authIdentity": "text",
      "authPassword": "secret",
      "authSecret": "secret",
      "authUsername": "text",
      "forceImplicitTLS": "flag",
      "from": "text",
      "headers": "#headers",
      "hello": "text",
      "html": "text",
      "requireTLS": "flag",
      "sendResolved": "flag",
      "smarthost": "text",
      "text": "text",
      "threading": "#threading",
      "tlsConfig": "#tlsConfig",
      "to": "text"
     }
    ],
    "msteamsConfigs": [
     {
      "httpConfig": "#httpConfig2",
      "sendResolved": "flag",
      "summary": "text",
      "text": "text",
      "title": "text",
      "webhookUrl": "secret"
     }
    ],
    "msteamsv2Configs": [
     {
      "httpConfig": "#httpConfig2",
      "sendResolved": "flag",
      "text": "text",
      "title": "text",
      "webhookURL": "secret"
     }
    ],
    "name": "text",
    "opsgenieConfigs": [
     {
      "actions": "text",
      "apiKey": "secret",
      "apiURL": "text",
      "description": "text",
      "details": "#headers",
      "entity": "text",
      "httpConfig": "#httpConfig2",
      "message": "text",
      "note": "text",
      "priority": "text",
      "responders": "#responders",
      "sendResolved": "flag",
      "source": "text",
      "tags": "text"
     }
    ],
    "pagerdutyConfigs": [
     {
      "class": "text",
      "client": "text",
      "clientURL": "text",
      "component": "text",
      "description": "text",
      "details": "#headers",
      "group": "text",
      "httpConfig": "#httpConfig2",
      "pagerDutyImageConfigs": "#pagerDutyImageConfigs",
      "pagerDutyLinkConfigs": "#pagerDutyLinkConfigs",
      "routingKey": "secret",
      "sendResolved": "flag",
      "serviceKey": "secret",
      "severity": "text",
      "source": "text",
      "timeout": "text",
      "url": "text"
     }
    ],
    "pushoverConfigs": [
     {
      "device": "text",
      "expire": "text",
      "html": "flag",
      "httpConfig": "#httpConfig2",
      "message": "text",
      "monospace": "flag",
      "priority": "text",
      "retry": "text",
      "sendResolved": "flag",
      "sound": "text",
      "title": "text",
      "token": "secret",
      "tokenFile": "text",
      "ttl": "text",
      "url": "text",
      "urlTitle": "text",
      "userKey": "secret",
      "userKeyFile": "text"
     }
    ],
    "rocketchatConfigs": [
     {
      "actions": "#actions",
      "apiURL": "text",
      "channel": "text",
      "color": "text",
      "emoji": "text",
      "fields": "#fields",
      "httpConfig": "#httpConfig2",
      "iconURL": "text",
      "imageURL": "text",
      "linkNames": "flag",
      "sendResolved": "flag",
      "shortFields": "flag",
      "text": "text",
      "thumbURL": "text",
      "title": "text",
      "titleLink": "text",
      "token": "secret",
      "tokenID": "secret"
     }
    ],
    "slackConfigs": [
     {
      "actions": "#actions3",
      "apiURL": "secret",
      "callbackId": "text",
      "channel": "text",
      "color": "text",
      "fallback": "text",
      "fields": "#fields3",
      "footer": "text",
      "httpConfig": "#httpConfig2",
      "iconEmoji": "text",
      "iconURL": "text",
      "imageURL": "text",
      "linkNames": "flag",
      "messageText": "text",
      "mrkdwnIn": ["text"],
      "pretext": "text",
      "sendResolved": "flag",
      "shortFields": "flag",
      "text": "text",
      "thumbURL": "text",
      "timeout": "text",
      "title": "text",
      "titleLink": "text",
      "updateMessage": "flag",
      "username": "text"
     }
    ],
    "snsConfigs": [
     {
      "apiURL": "text",
      "attributes": {"*": "text"},
      "httpConfig": "#httpConfig2",
      "message": "text",
      "phoneNumber": "text",
      "sendResolved": "flag",
      "sigv4": "#sigv4",
      "subject": "text",
      "targetARN": "text",
      "topicARN": "text",
      "useAWSHTTPClient": "flag"
     }
    ],
    "telegramConfigs": [
     {
      "apiURL": "text",
      "botToken": "secret",
      "botTokenFile": "text",
      "chatID": "number",
      "disableNotifications": "flag",
      "httpConfig": "#httpConfig2",
      "message": "text",
      "messageThreadID": "number",
      "parseMode": {"=": ["MarkdownV2", "Markdown", "HTML"]},
      "sendResolved": "flag"
     }
    ],
    "victoropsConfigs": [
     {
      "apiKey": "secret",
      "apiUrl": "text",
      "customFields": "#headers",
      "entityDisplayName": "text",
      "httpConfig": "#httpConfig2",
      "messageType": "text",
      "monitoringTool": "text",
      "routingKey": "text",
      "sendResolved": "flag",
      "stateMessage": "text"
     }
    ],
    "webexConfigs": [
     {
      "apiURL": "text",
      "httpConfig": "#httpConfig2",
      "message": "text",
      "roomID": "text",
      "sendResolved": "flag"
     }
    ],
    "webhookConfigs": [
     {
      "httpConfig": "#httpConfig2",
      "maxAlerts": "number",
      "payload": "text",
      "sendResolved": "flag",
      "timeout": "text",
      "url": "text",
      "urlSecret": "secret"
     }
    ],
    "wechatConfigs": [
     {
      "agentID": "text",
      "apiSecret": "secret",
      "apiURL": "text",
      "corpID": "text",
      "httpConfig": "#httpConfig2",
      "message": "text",
      "messageType": "text",
      "sendResolved": "flag",
      "toParty": "text",
      "toTag": "text",
      "toUser": "text"
     }
    ]
   }
  ],
  "route": {
   "activeTimeIntervals": ["text"],
   "continue": "flag",
   "groupBy": ["text"],
   "groupInterval": "text",
   "groupWait": "text",
   "matchers": "#sourceMatch3",
   "muteTimeIntervals": ["text"],
   "receiver": "text",
   "repeatInterval": "text",
   "routes": ["any"]
  },
  "timeIntervals": "#muteTimeIntervals"
 }
}

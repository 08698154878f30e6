/** Templates with macros that are compiled once and rendered per event. They write within a limit of bytes. */
package io.engagementwebhooks.webhook.template;

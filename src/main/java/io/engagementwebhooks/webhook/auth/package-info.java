/** Credentials of accounts, OAuth clients and connections, and TLS material. A secret never prints itself. */
package io.engagementwebhooks.webhook.auth;

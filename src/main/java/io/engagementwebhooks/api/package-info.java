/**
 * The REST API: takes an authenticated request and answers with views of what is stored. It knows no page.
 */
package io.engagementwebhooks.api;

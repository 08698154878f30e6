/** What an event is: reads CloudEvents and gives their identity and fields. It knows no account. */
package io.engagementwebhooks.event;

package io.engagementwebhooks.console;

import java.util.List;

/** A page of events, the newest first. @param next where the next page begins, or null: this is the last */
public record EventList(List<EventSummary> items, String next) {}

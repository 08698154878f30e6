package io.engagementwebhooks.console;

import java.util.List;

/** A page of events, newest first. @param next position of the next page, or null: this is the last */
public record EventList(List<EventSummary> items, String next) {}

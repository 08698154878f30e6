package io.engagementwebhooks.console.pages;

/** The icons of the console: stroke paths on a square of 20 by 20. */
public final class Icon {

    private static final String CIRCLE = "M10 2.75a7.25 7.25 0 1 1 0 14.5 7.25 7.25 0 0 1 0-14.5Z";

    private Icon() {}

    /**
     * The path of an icon.
     *
     * @throws IllegalArgumentException if no icon has this name
     */
    public static String path(String name) {
        return switch (name) {
            case "overview" -> "M3 17V9.5M8 17V3M13 17v-5.5M18 17V6.5";
            case "webhooks" ->
                "M3.5 10h5m0 0 5-5m-5 5 5 5M3.5 8.25a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5Z"
                        + "M15.25 2.25a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5Z"
                        + "M15.25 14.25a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5Z";
            case "events" -> "M11 2.5 4 11.5h5.5L9 17.5l7-9h-5.5L11 2.5Z";
            case "deliveries" -> "M3 5h14M3 10h14M3 15h8.5M14 15l1.5 1.5L18 14";
            case "settings" ->
                "M3 6h7m4 0h3M3 14h3m4 0h7M12 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM8 12a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z";
            case "accounts" ->
                "M3 17.5v-13A1.5 1.5 0 0 1 4.5 3h6A1.5 1.5 0 0 1 12 4.5v13M12 8h3.5A1.5 1.5 0 0 1 17 9.5v8"
                        + "M1.5 17.5h17M6.25 6.5h2.5M6.25 10h2.5M6.25 13.5h2.5";
            case "appearance" ->
                "M10 2.75a7.25 7.25 0 1 0 0 14.5c1.5 0 1.75-1 1.25-2-.6-1.2 0-2.25 1.5-2.25h2.25"
                        + "a2.25 2.25 0 0 0 2.25-2.25C17.25 6 14 2.75 10 2.75ZM6 9.5v.05M8.25 6.25v.05M12 6.25v.05";
            case "check" -> CIRCLE + "M6.75 10.25 9 12.5l4.25-4.75";
            case "warning" -> "M10 3 2.25 16.5h15.5L10 3ZM10 8v4M10 14.2v.05";
            case "error" -> CIRCLE + "M7.5 7.5l5 5M12.5 7.5l-5 5";
            case "info" -> CIRCLE + "M10 9.25v4M10 6.7v.05";
            case "clock" -> CIRCLE + "M10 6v4.25l2.75 1.5";
            case "pause" -> CIRCLE + "M8.25 7.5v5M11.75 7.5v5";
            case "play" -> "M6 3.75v12.5l10-6.25L6 3.75Z";
            case "stop" -> CIRCLE + "M5 5l10 10";
            case "minus" -> CIRCLE + "M7 10h6";
            case "retry" -> "M16.5 10a6.5 6.5 0 1 1-2-4.7L16.5 7M16.5 3v4h-4";
            case "search" -> "M9 3a6 6 0 1 1 0 12A6 6 0 0 1 9 3ZM13.5 13.5 17.5 17.5";
            case "filter" -> "M3 5h14M5.5 10h9M8 15h4";
            case "plus" -> "M10 4v12M4 10h12";
            case "more" -> "M4.5 10v.05M10 10v.05M15.5 10v.05";
            case "copy" -> "M7 7h8.5v9.5H7V7ZM4.5 13V3.5H13";
            case "close" -> "M5 5l10 10M15 5 5 15";
            case "down" -> "M5 8l5 5 5-5";
            case "external" -> "M11.5 3.5h5v5M16.5 3.5 9.5 10.5M14 12v4.5H3.5V6H8";
            case "edit" -> "M3.5 16.5l.75-3.75L13.5 3.5l3 3-9.25 9.25-3.75.75ZM11.5 5.5l3 3";
            case "trash" -> "M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.75 11h8.5l.75-11M8.5 9v4.5M11.5 9v4.5";
            case "duplicate" -> "M7 7h9.5v9.5H7V7ZM4 12.5V4h8.5M11.75 9.5v4.5M9.5 11.75h4.5";
            case "send" -> "M17.25 2.75 2.75 8.5l5.75 3 3 5.75 5.75-14.5ZM8.5 11.5l4-4";
            case "key" -> "M7 9a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM9.8 10.2 16.5 3.5M13.5 6.5l2.5 2.5M11.5 8.5l1.5 1.5";
            case "link" ->
                "M8.5 11.5a3.5 3.5 0 0 0 5 0l3-3a3.54 3.54 0 0 0-5-5l-1.25 1.25"
                        + "M11.5 8.5a3.5 3.5 0 0 0-5 0l-3 3a3.54 3.54 0 0 0 5 5l1.25-1.25";
            case "bell" -> "M4 14.5h12l-1.5-2.25V8.5a4.5 4.5 0 0 0-9 0v3.75L4 14.5ZM8.25 17.25h3.5";
            case "download" -> "M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13";
            case "user" -> "M10 3a3.25 3.25 0 1 1 0 6.5A3.25 3.25 0 0 1 10 3ZM3.5 17a6.5 6.5 0 0 1 13 0";
            case "moon" -> "M16.5 11.75A7 7 0 1 1 8.25 3.5a5.5 5.5 0 0 0 8.25 8.25Z";
            case "sun" ->
                "M10 6.75a3.25 3.25 0 1 1 0 6.5 3.25 3.25 0 0 1 0-6.5ZM10 2v1.25M10 16.75V18M2 10h1.25"
                        + "M16.75 10H18M4.35 4.35l.9.9M14.75 14.75l.9.9M4.35 15.65l.9-.9M14.75 5.25l.9-.9";
            case "screen" -> "M2.75 4h14.5v9.5H2.75V4ZM7 17h6M10 13.5V17";
            case "leave" -> "M8 3.5H3.5v13H8M13 6.5l3.5 3.5-3.5 3.5M16.5 10H8";
            default -> throw new IllegalArgumentException("no icon is named '" + name + "'");
        };
    }

    /** The icon name of a badge's state, so that color is never the only sign. */
    public static String ofState(String state) {
        return switch (state) {
            case "delivered", "active", "ok", "good", "healthy" -> "check";
            case "waiting", "queued", "coming" -> "clock";
            case "retrying", "try-later" -> "retry";
            case "sending" -> "send";
            case "warning", "degraded" -> "warning";
            case "paused" -> "pause";
            case "gave-up", "failed", "failing", "bad", "fault" -> "error";
            case "disabled", "expired", "ended" -> "stop";
            default -> "minus";
        };
    }
}

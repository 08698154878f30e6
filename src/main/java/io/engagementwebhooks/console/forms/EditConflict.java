package io.engagementwebhooks.console.forms;

import io.engagementwebhooks.server.ProblemException;
import java.util.Map;

/**
 * Offers to overwrite a change that another user made after the form was opened.
 *
 * @param asked the requested action
 * @param tag the current version
 * @param path the page of the current version
 */
public record EditConflict(String asked, String tag, String path) {

    private static final String DO = "do";
    private static final String OVER = "over-";
    private static final int PRECONDITION_FAILED = 412;
    private static final Map<String, String> LABELS =
            Map.of("delete", "Delete it", "rotate", "Rotate it", "test", "Overwrite and test");

    /** For a refused form; null: it was not refused because of another change. */
    public static EditConflict after(ProblemException refused, Form form, String tag, String path) {
        String asked = form.text(DO).isEmpty() ? "save" : form.text(DO);
        return refused.problem().status() == PRECONDITION_FAILED ? new EditConflict(asked, tag, path) : null;
    }

    /** A form with the action and version that its overwrite button means. */
    public static Form meant(Form form) {
        String asked = form.text(DO);
        return asked.startsWith(OVER)
                ? form.with(DO, asked.substring(OVER.length()))
                        .with("tag", form.text("present"))
                        .with(OVER, "yes")
                : form;
    }

    /** Whether a form overwrites another change: its empty secrets keep the current values. */
    static boolean isMeant(Form form) {
        return form.has(OVER);
    }

    /** The value of the button. */
    public String value() {
        return OVER + asked;
    }

    public String label() {
        return LABELS.getOrDefault(asked, "Overwrite");
    }
}

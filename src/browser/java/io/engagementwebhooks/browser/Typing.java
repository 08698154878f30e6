package io.engagementwebhooks.browser;

import com.microsoft.playwright.Page;

/** Types into every field of a form, hidden ones too. */
final class Typing {

    private Typing() {}

    /** Selects the last option of each choice and all boxes. @param text for each field, preceded by its name */
    static void everywhere(Page page, String form, String text) {
        page.locator(form)
                .evaluate(
                        """
                        (form, text) => {
                          for (const field of form.elements) {
                            if (field.type === 'radio' || field.type === 'checkbox') {
                              field.checked = true;
                            } else if (field.tagName === 'SELECT') {
                              field.selectedIndex = field.options.length - 1;
                            } else if (field.tagName === 'TEXTAREA') {
                              field.value = '\\n ' + field.name + text + '\\n\\tof two lines ';
                            } else if (field.tagName === 'INPUT' && field.type !== 'hidden') {
                              field.value = field.name + text;
                            }
                          }
                        }""",
                        text);
    }

    /** All fields that a form would send now, names and values in order. */
    static String fields(Page page, String form) {
        return (String)
                page.locator(form)
                        .evaluate(
                                "form => JSON.stringify([...new FormData(form)].filter(field => !['_token', 'recent'].includes(field[0])), null, 1)");
    }
}

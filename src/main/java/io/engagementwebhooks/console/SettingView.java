package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;

/** A thing of the Settings pages as the API shows it. */
public interface SettingView {

    /** {@code file} or {@code api}. */
    String managedBy();

    /** Null in a list. */
    DefinedView defined();

    /** How a thing is defined; a missing node where that is not shown. */
    static JsonNode definition(SettingView view) {
        return view.defined() == null || view.defined().definition() == null
                ? MissingNode.getInstance()
                : view.defined().definition();
    }

    /** A view with a key or a secret that is shown this once. */
    interface OfKey extends SettingView {

        /** @param once what was made, by its member */
        SettingView revealing(Map<String, Object> once);
    }
}

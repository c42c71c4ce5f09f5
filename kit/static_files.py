"""Static files under names that carry a digest of their content, also where one script imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise's, with hashed names in `import … from "./other.js"` too: no page mixes scripts of two releases."""

    support_js_module_import_aggregation = True

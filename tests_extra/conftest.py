"""What the tests share that need other libraries: `make arrays` runs them, `make test` does not.

Nothing here is skipped where a library is missing: who runs these tests has the extra installed.
"""

import os

# Before JAX is imported: four devices out of one processor, and double precision.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
os.environ["JAX_ENABLE_X64"] = "1"

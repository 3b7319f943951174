"""Says of each ONNX file named whether it passes the checker, shapes inferred throughout."""
import sys
import onnx

for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
    print("ok", path)

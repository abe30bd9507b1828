<?php
$body = file_get_contents('php://input');
preg_match('/^t=(\d+),v1=([0-9a-f]+)$/', $_SERVER['HTTP_ROWMILL_SIGNATURE'] ?? '', $signature);
$wanted = hash_hmac('sha256', ($signature[1] ?? '') . '.' . $body, getenv('SECRET'));
if (!hash_equals($wanted, $signature[2] ?? '') || abs(time() - (int) $signature[1]) > 300) {
    http_response_code(403);
    exit;
}
$update = array_map(
    fn ($row) => ['key' => ['id' => $row['id']], 'set' => ['name' => mb_strtoupper($row['name'])]],
    json_decode($body, true, 512, JSON_BIGINT_AS_STRING)['rows']);
header('Content-Type: application/json');
echo json_encode(['update' => $update]);

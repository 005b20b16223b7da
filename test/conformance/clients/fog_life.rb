# A volume's life with fog-aws.
require 'fog/aws'

# fog waits a second between two looks.
Fog.interval = 0.05
Fog.timeout = 60

def connect(secret)
  Fog::AWS::Compute.new(
    aws_access_key_id: ENV.fetch('VBS_ACCESS_KEY'), aws_secret_access_key: secret,
    region: ENV.fetch('VBS_REGION'), endpoint: "http://#{ENV.fetch('VBS_HOST')}:#{ENV.fetch('VBS_PORT')}"
  )
end

def refused(code)
  yield
rescue StandardError => e
  raise "refused, but not with #{code}: #{e.class} #{e.message}" unless "#{e.class} #{e.message}".include?(code)
else
  raise "not refused with #{code}"
end

def check(what, seen, wanted)
  raise "#{what}: #{seen.inspect}, not #{wanted.inspect}" unless seen == wanted
end

instance = 'i-00000006'
fog = connect(ENV.fetch('VBS_SECRET_KEY'))
refused('validate') { connect('wrong').volumes.to_a }

zone = fog.describe_availability_zones.body['availabilityZoneInfo'].first['zoneName']
volume = fog.volumes.create(availability_zone: zone, size: 1, type: 'gp3', tags: { 'Name' => 'fog & <ünï>' })
volume.wait_for { ready? }
fog.create_tags(volume.id, 'stage' => 'test')
check('tags', fog.volumes.get(volume.id).tags, 'Name' => 'fog & <ünï>', 'stage' => 'test')
check('tags', fog.tags.all('resource-id' => volume.id).map(&:key).sort, %w[Name stage])
fog.delete_tags(volume.id, 'stage' => 'test')
check('filtered', fog.volumes.all('tag:Name' => 'fog*').map(&:id), [volume.id])

fog.attach_volume(instance, volume.id, '/dev/sdi')
Fog.wait_for { fog.describe_volumes('volume-id' => volume.id).body['volumeSet'][0]['attachmentSet'][0]['status'] == 'attached' }
refused('attached') { fog.delete_volume(volume.id) }
fog.detach_volume(volume.id)
volume.wait_for { ready? }

snapshot = fog.snapshots.create(volume_id: volume.id, description: 'by fog')
snapshot.wait_for { ready? }
copy = fog.volumes.create(availability_zone: zone, snapshot_id: snapshot.id, size: 1)
copy.wait_for { ready? }
[copy, volume].each do |each|
  each.destroy
  Fog.wait_for { fog.volumes.get(each.id).nil? }
end
snapshot.destroy
check('snapshots', fog.snapshots.get(snapshot.id), nil)
refused('NotFound') { fog.delete_volume(volume.id) }
puts 'fog: a whole life'
